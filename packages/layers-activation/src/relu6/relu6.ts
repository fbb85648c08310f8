import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, NO_ATTRS, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

export const Relu6: OpDef = elementwise({
  name: 'relu6',
  expr: (_, x) => call('select', call('le', x, 0), 0, call('select', call('ge', x, 6), 6, x)),
});

/**
 * min(max(x, 0), 6). The derivative is 0 at 0 and 6. Keeps the dtype.
 *
 * Source: Howard et al. 2017, https://arxiv.org/abs/1704.04861
 */
export function relu6(x: Tensor): Tensor {
  return applyElementwise(Relu6, NO_ATTRS, [x], 'number');
}

/** {@link relu6} as a layer. */
export function relu6Layer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('relu6Layer', options, []);
  return functionLayer('relu6', relu6);
}
