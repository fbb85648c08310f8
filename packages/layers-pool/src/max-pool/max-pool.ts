import type { Empty, Layer } from '@lemmata/nn';
import type { PerAxis } from '@lemmata/shape';
import { apply, type Tensor } from '@lemmata/tensor';
import { poolLayer } from '../layer.js';
import { batched, checkPoolOptions, type PoolOptions, poolWindow } from '../options.js';
import { MaxPool } from './op.js';

export interface MaxPoolOptions extends PoolOptions {
  /** Elements from one read of a window to the next. Default 1. */
  readonly dilation?: PerAxis | undefined;
}

/**
 * The largest element of each window. Padding is −∞: it never wins. Of equal elements the first is taken, and the
 * gradient goes to it alone; a window with NaN gives NaN.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @returns `[N, C, H', W']` with H' = ⌊(H + p₀ + p₁ − d(KH − 1) − 1) / s⌋ + 1, or ⌈…⌉ + 1 in ceil mode
 * @example maxPool2d(x, { kernelSize: 3, stride: 2, padding: 1 })
 * @throws ShapeError if no window fits, or if padding is above half the kernel; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export function maxPool2d(x: Tensor, options: MaxPoolOptions): Tensor {
  return withIndices('maxPool2d', 2, x, options).values;
}

/** {@link maxPool2d} along one spatial axis: `[N, C, L]` or `[C, L]`. */
export function maxPool1d(x: Tensor, options: MaxPoolOptions): Tensor {
  return withIndices('maxPool1d', 1, x, options).values;
}

/** {@link maxPool2d} along three spatial axes: `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function maxPool3d(x: Tensor, options: MaxPoolOptions): Tensor {
  return withIndices('maxPool3d', 3, x, options).values;
}

/** {@link maxPool2d} as a layer. `maxPool2dLayer({ kernelSize: 2 })` halves height and width. */
export function maxPool2dLayer(options: MaxPoolOptions): Layer<Empty, Empty> {
  return layer('maxPool2d', 2, options);
}

/** {@link maxPool1d} as a layer. */
export function maxPool1dLayer(options: MaxPoolOptions): Layer<Empty, Empty> {
  return layer('maxPool1d', 1, options);
}

/** {@link maxPool3d} as a layer. */
export function maxPool3dLayer(options: MaxPoolOptions): Layer<Empty, Empty> {
  return layer('maxPool3d', 3, options);
}

/** The values, and where each lies: its flat index in the unpadded plane of its channel (int32). */
export interface PooledWithIndices {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** {@link maxPool1d} with the index of each maximum. */
export function maxPool1dWithIndices(x: Tensor, options: MaxPoolOptions): PooledWithIndices {
  return withIndices('maxPool1d', 1, x, options);
}

/** {@link maxPool2d} with the index of each maximum: row · W + column. */
export function maxPool2dWithIndices(x: Tensor, options: MaxPoolOptions): PooledWithIndices {
  return withIndices('maxPool2d', 2, x, options);
}

/** {@link maxPool3d} with the index of each maximum. */
export function maxPool3dWithIndices(x: Tensor, options: MaxPoolOptions): PooledWithIndices {
  return withIndices('maxPool3d', 3, x, options);
}

function layer(kind: string, rank: number, options: MaxPoolOptions): Layer<Empty, Empty> {
  checkPoolOptions(kind, options, ['dilation']);
  return poolLayer(kind, rank, options, (x) => withIndices(kind, rank, x, options).values);
}

function withIndices(op: string, rank: number, x: Tensor, options: MaxPoolOptions): PooledWithIndices {
  checkPoolOptions(op, options, ['dilation']);
  const [values, indices] = batched(op, rank, x, (input) => {
    const { kernel, stride, dilation, padding, ceil } = poolWindow(op, rank, input.shape, options);
    return apply(MaxPool, { kernel, stride, dilation, padding, ceil }, [input]);
  });
  return { values, indices };
}
