import type { Empty, Layer } from '@lemmata/nn';
import type { Tensor } from '@lemmata/tensor';
import { adaptiveLayer, type AdaptivePoolOptions, adaptiveSizes } from '../adaptive.js';
import { checkFloat } from '../averages.js';
import { batched } from '../options.js';
import { adaptiveAveragePool } from './op.js';

/**
 * The averages of an image on a grid of `outputSize`, whatever its size: output o along an axis averages the elements
 * ⌊o · n / m⌋ to ⌈(o + 1) · n / m⌉ − 1 of n.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @returns `[N, C, ...outputSize]`
 * @example adaptiveAvgPool2d(x, { outputSize: [7, null] })
 * @throws ShapeError for an axis without elements; OptionError for a size that is none, and unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export function adaptiveAvgPool2d(x: Tensor, options: AdaptivePoolOptions): Tensor {
  return pooled('adaptiveAvgPool2d', 2, x, options);
}

/** {@link adaptiveAvgPool2d} along one spatial axis: `[N, C, L]` or `[C, L]`. */
export function adaptiveAvgPool1d(x: Tensor, options: AdaptivePoolOptions): Tensor {
  return pooled('adaptiveAvgPool1d', 1, x, options);
}

/** {@link adaptiveAvgPool2d} along three spatial axes: `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function adaptiveAvgPool3d(x: Tensor, options: AdaptivePoolOptions): Tensor {
  return pooled('adaptiveAvgPool3d', 3, x, options);
}

/** {@link adaptiveAvgPool2d} as a layer. */
export function adaptiveAvgPool2dLayer(options: AdaptivePoolOptions): Layer<Empty, Empty> {
  return layer('adaptiveAvgPool2d', 2, options);
}

/** {@link adaptiveAvgPool1d} as a layer. */
export function adaptiveAvgPool1dLayer(options: AdaptivePoolOptions): Layer<Empty, Empty> {
  return layer('adaptiveAvgPool1d', 1, options);
}

/** {@link adaptiveAvgPool3d} as a layer. */
export function adaptiveAvgPool3dLayer(options: AdaptivePoolOptions): Layer<Empty, Empty> {
  return layer('adaptiveAvgPool3d', 3, options);
}

function layer(kind: string, rank: number, options: AdaptivePoolOptions): Layer<Empty, Empty> {
  return adaptiveLayer(kind, rank, options, checkFloat, (x) => pooled(kind, rank, x, options));
}

function pooled(op: string, rank: number, x: Tensor, options: AdaptivePoolOptions): Tensor {
  return batched(op, rank, x, (input) => [
    adaptiveAveragePool(input, adaptiveSizes(op, rank, input.shape, options)),
  ])[0];
}
