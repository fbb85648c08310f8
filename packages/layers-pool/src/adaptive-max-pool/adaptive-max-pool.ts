import type { Empty, Layer } from '@lemmata/nn';
import { apply, type Tensor } from '@lemmata/tensor';
import { adaptiveLayer, type AdaptivePoolOptions, adaptiveSizes } from '../adaptive.js';
import { checkNumbers } from '../largest.js';
import type { PooledWithIndices } from '../max-pool/max-pool.js';
import { batched } from '../options.js';
import { AdaptiveMaxPool } from './op.js';

/**
 * The largest elements of an image on a grid of `outputSize`, whatever its size: output o along an axis looks at the elements
 * ⌊o · n / m⌋ to ⌈(o + 1) · n / m⌉ − 1 of n. Of equal elements the first is taken, and the gradient goes to it alone; a window
 * with NaN gives NaN.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @returns `[N, C, ...outputSize]`
 * @example adaptiveMaxPool2d(x, { outputSize: [7, null] })
 * @throws ShapeError for an axis or channels without elements; OptionError for a size that is none, and unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 */
export function adaptiveMaxPool2d(x: Tensor, options: AdaptivePoolOptions): Tensor {
  return withIndices('adaptiveMaxPool2d', 2, x, options).values;
}

/** {@link adaptiveMaxPool2d} along one spatial axis: `[N, C, L]` or `[C, L]`. */
export function adaptiveMaxPool1d(x: Tensor, options: AdaptivePoolOptions): Tensor {
  return withIndices('adaptiveMaxPool1d', 1, x, options).values;
}

/** {@link adaptiveMaxPool2d} along three spatial axes: `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function adaptiveMaxPool3d(x: Tensor, options: AdaptivePoolOptions): Tensor {
  return withIndices('adaptiveMaxPool3d', 3, x, options).values;
}

/** {@link adaptiveMaxPool1d} with the index of each maximum. */
export function adaptiveMaxPool1dWithIndices(x: Tensor, options: AdaptivePoolOptions): PooledWithIndices {
  return withIndices('adaptiveMaxPool1d', 1, x, options);
}

/** {@link adaptiveMaxPool2d} with the index of each maximum: row · W + column. */
export function adaptiveMaxPool2dWithIndices(x: Tensor, options: AdaptivePoolOptions): PooledWithIndices {
  return withIndices('adaptiveMaxPool2d', 2, x, options);
}

/** {@link adaptiveMaxPool3d} with the index of each maximum. */
export function adaptiveMaxPool3dWithIndices(x: Tensor, options: AdaptivePoolOptions): PooledWithIndices {
  return withIndices('adaptiveMaxPool3d', 3, x, options);
}

/** {@link adaptiveMaxPool2d} as a layer. */
export function adaptiveMaxPool2dLayer(options: AdaptivePoolOptions): Layer<Empty, Empty> {
  return layer('adaptiveMaxPool2d', 2, options);
}

/** {@link adaptiveMaxPool1d} as a layer. */
export function adaptiveMaxPool1dLayer(options: AdaptivePoolOptions): Layer<Empty, Empty> {
  return layer('adaptiveMaxPool1d', 1, options);
}

/** {@link adaptiveMaxPool3d} as a layer. */
export function adaptiveMaxPool3dLayer(options: AdaptivePoolOptions): Layer<Empty, Empty> {
  return layer('adaptiveMaxPool3d', 3, options);
}

function layer(kind: string, rank: number, options: AdaptivePoolOptions): Layer<Empty, Empty> {
  return adaptiveLayer(kind, rank, options, checkNumbers, (x) => withIndices(kind, rank, x, options).values);
}

function withIndices(op: string, rank: number, x: Tensor, options: AdaptivePoolOptions): PooledWithIndices {
  const [values, indices] = batched(op, rank, x, (input) =>
    apply(AdaptiveMaxPool, { output: adaptiveSizes(op, rank, input.shape, options) }, [input]),
  );
  return { values, indices };
}
