import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, NO_ATTRS, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

export const Hardsigmoid: OpDef = elementwise({
  name: 'hardsigmoid',
  expr: (_, x) =>
    call('select', call('le', x, -3), 0, call('select', call('ge', x, 3), 1, call('div', call('add', x, 3), 6))),
});

/**
 * min(max(x + 3, 0), 6) / 6, a sigmoid of three straight pieces. The derivative is 0 at −3 and 3.
 *
 * Source: Howard et al. 2019, https://arxiv.org/abs/1905.02244
 */
export function hardsigmoid(x: Tensor): Tensor {
  return applyElementwise(Hardsigmoid, NO_ATTRS, [x], 'float');
}

/** {@link hardsigmoid} as a layer. */
export function hardsigmoidLayer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('hardsigmoidLayer', options, []);
  return functionLayer('hardsigmoid', hardsigmoid);
}
