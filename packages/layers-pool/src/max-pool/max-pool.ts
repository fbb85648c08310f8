import type { Empty, Layer } from '@lemmata/nn';
import type { PerAxis } from '@lemmata/shape';
import { apply, isTensor, type Tensor } from '@lemmata/tensor';
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
 * Given options, a layer; given `x` `[N, C, H, W]` (or `[C, H, W]`) and options, the pooled `[N, C, H', W']`.
 *
 * @example
 * maxPool2d({ kernelSize: 2 })            // layer: halves height and width
 * maxPool2d(x, { kernelSize: 3, stride: 2, padding: 1 })
 * @throws ShapeError if no window fits, or if padding is above half the kernel; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export function maxPool2d(options: MaxPoolOptions): Layer<Empty, Empty>;
export function maxPool2d(x: Tensor, options: MaxPoolOptions): Tensor;
export function maxPool2d(...args: Arguments): Layer<Empty, Empty> | Tensor {
  return layerOrValue('maxPool2d', 2, args);
}

/** {@link maxPool2d} along one spatial axis: `[N, C, L]` or `[C, L]`. */
export function maxPool1d(options: MaxPoolOptions): Layer<Empty, Empty>;
export function maxPool1d(x: Tensor, options: MaxPoolOptions): Tensor;
export function maxPool1d(...args: Arguments): Layer<Empty, Empty> | Tensor {
  return layerOrValue('maxPool1d', 1, args);
}

/** {@link maxPool2d} along three spatial axes: `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function maxPool3d(options: MaxPoolOptions): Layer<Empty, Empty>;
export function maxPool3d(x: Tensor, options: MaxPoolOptions): Tensor;
export function maxPool3d(...args: Arguments): Layer<Empty, Empty> | Tensor {
  return layerOrValue('maxPool3d', 3, args);
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

type Arguments = readonly [MaxPoolOptions] | readonly [Tensor, MaxPoolOptions];

function layerOrValue(op: string, rank: number, args: Arguments): Layer<Empty, Empty> | Tensor {
  const [first, second] = args;
  if (isTensor(first)) return withIndices(op, rank, first, second!).values;
  const options = first as MaxPoolOptions;
  checkPoolOptions(op, options, ['dilation']);
  return poolLayer(op, rank, options, (x) => withIndices(op, rank, x, options).values);
}

function withIndices(op: string, rank: number, x: Tensor, options: MaxPoolOptions): PooledWithIndices {
  checkPoolOptions(op, options, ['dilation']);
  const [values, indices] = batched(op, rank, x, (input) => {
    const { kernel, stride, dilation, padding, ceil } = poolWindow(op, rank, input.shape, options);
    return apply(MaxPool, { kernel, stride, dilation, padding, ceil }, [input]);
  });
  return { values, indices };
}
