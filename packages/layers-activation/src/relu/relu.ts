import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, NO_ATTRS, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

/** A comparison, so that NaN passes (it is not ≤ 0) and the derivative at 0 is 0. */
export const Relu: OpDef = elementwise({
  name: 'relu',
  expr: (_, x) => call('select', call('le', x, 0), 0, x),
  // relu(x) ≤ 0 exactly where x ≤ 0.
  derivativeAtOutput: true,
});

/** max(0, x). NaN stays NaN; the derivative at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return applyElementwise(Relu, NO_ATTRS, [x]);
}

/** {@link relu} as a layer. */
export function reluLayer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('reluLayer', options, []);
  return functionLayer('relu', relu);
}
