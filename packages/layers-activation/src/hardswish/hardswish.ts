import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, NO_ATTRS, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

export const Hardswish: OpDef = elementwise({
  name: 'hardswish',
  expr: (_, x) => {
    const gate = call('select', call('le', x, -3), 0, call('select', call('ge', x, 3), 6, call('add', x, 3)));
    return call('mul', x, call('div', gate, 6));
  },
});

/**
 * x · min(max(x + 3, 0), 6) / 6, a swish without exponentials. The derivative is 0 at −3 and 1 at 3.
 *
 * Source: Howard et al. 2019, https://arxiv.org/abs/1905.02244
 */
export function hardswish(x: Tensor): Tensor {
  return applyElementwise(Hardswish, NO_ATTRS, [x], 'float');
}

/** {@link hardswish} as a layer. */
export function hardswishLayer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('hardswishLayer', options, []);
  return functionLayer('hardswish', hardswish);
}
