import { functionLayer, type Empty, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, type OpDef, type Tensor } from '@lemmata/tensor';

/** Written so that NaN passes (it is not ≤ 0) and the derivative at 0 is 0. */
export const Relu: OpDef = elementwise({ name: 'relu', expr: (_, x) => call('select', call('le', x, 0), 0, x) });

/** max(0, x); the derivative at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return applyElementwise(Relu, {}, [x]);
}

/** {@link relu} as a layer. */
export function reluLayer(): Layer<Empty, Empty> {
  return functionLayer('relu', relu);
}
