import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, NO_ATTRS, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

export const Mish: OpDef = elementwise({
  name: 'mish',
  expr: (_, x) => call('mul', x, call('tanh', call('softplus', x))),
});

/**
 * x · tanh(softplus(x)).
 *
 * Source: Misra 2019, https://arxiv.org/abs/1908.08681
 */
export function mish(x: Tensor): Tensor {
  return applyElementwise(Mish, NO_ATTRS, [x], 'float');
}

/** {@link mish} as a layer. */
export function mishLayer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('mishLayer', options, []);
  return functionLayer('mish', mish);
}
