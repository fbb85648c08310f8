import { functionLayer, type Empty, type Layer } from '@lemmata/nn';
import { sizeOf } from '@lemmata/shape';
import { reshape, type Tensor } from '@lemmata/tensor';

/** All axes but the first as one, in row-major order: a 2×2 image becomes a column of 4. Costs nothing. */
export function flattenSamples(x: Tensor): Tensor {
  return reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]);
}

/** {@link flattenSamples} as a layer. */
export function flattenLayer(): Layer<Empty, Empty> {
  return functionLayer('flatten', flattenSamples, (shape) => [sizeOf(shape)]);
}
