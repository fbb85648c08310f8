import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { applyElementwise, call, elementwise, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkNumbers } from '../options.js';

export interface LeakyReluOptions {
  /** Slope for x ≤ 0. Default 0.01. */
  readonly negativeSlope?: number;
}

export const LeakyRelu: OpDef<Required<LeakyReluOptions>> = elementwise({
  name: 'leakyRelu',
  expr: ({ negativeSlope }, x) => call('select', call('gt', x, 0), x, call('mul', negativeSlope, x)),
});

/** x for x > 0, else negativeSlope · x. The derivative at 0 is the slope. */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  checkNumbers('leakyRelu', options, ['negativeSlope']);
  const { negativeSlope = 0.01 } = options;
  return applyElementwise(LeakyRelu, { negativeSlope }, [x], 'float');
}

/** {@link leakyRelu} as a layer. */
export function leakyReluLayer(options: LeakyReluOptions = {}): Layer<Empty, Empty> {
  checkNumbers('leakyReluLayer', options, ['negativeSlope']);
  return functionLayer('leakyRelu', (x) => leakyRelu(x, options));
}
