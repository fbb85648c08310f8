import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { poolLayer } from '../layer.js';
import { batched, checkPoolOptions, type PoolOptions, poolWindow } from '../options.js';
import { averagePool } from './op.js';

export interface AveragePoolOptions extends PoolOptions {
  /**
   * Divide by the number of elements in the padded input, zeros of the padding included; false: by the number in the
   * input alone. Default true. What a last window overhangs in ceil mode never counts.
   */
  readonly countIncludePad?: boolean | undefined;
  /** Divide every sum by this instead; not 0. Default: the number of elements. */
  readonly divisorOverride?: number | undefined;
}

/**
 * The average of each window; padding is 0.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @returns `[N, C, H', W']` with H' = ⌊(H + p₀ + p₁ − KH) / s⌋ + 1, or ⌈…⌉ + 1 in ceil mode
 * @example avgPool2d(x, { kernelSize: 3, stride: 2, padding: 1, countIncludePad: false })
 * @throws ShapeError if no window fits, or if padding is above half the kernel; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export function avgPool2d(x: Tensor, options: AveragePoolOptions): Tensor {
  return pooled('avgPool2d', 2, x, options);
}

/** {@link avgPool2d} along one spatial axis: `[N, C, L]` or `[C, L]`. */
export function avgPool1d(x: Tensor, options: AveragePoolOptions): Tensor {
  return pooled('avgPool1d', 1, x, options);
}

/** {@link avgPool2d} along three spatial axes: `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function avgPool3d(x: Tensor, options: AveragePoolOptions): Tensor {
  return pooled('avgPool3d', 3, x, options);
}

/** {@link avgPool2d} as a layer. `avgPool2dLayer({ kernelSize: 2 })` halves height and width. */
export function avgPool2dLayer(options: AveragePoolOptions): Layer<Empty, Empty> {
  return layer('avgPool2d', 2, options);
}

/** {@link avgPool1d} as a layer. */
export function avgPool1dLayer(options: AveragePoolOptions): Layer<Empty, Empty> {
  return layer('avgPool1d', 1, options);
}

/** {@link avgPool3d} as a layer. */
export function avgPool3dLayer(options: AveragePoolOptions): Layer<Empty, Empty> {
  return layer('avgPool3d', 3, options);
}

function layer(kind: string, rank: number, options: AveragePoolOptions): Layer<Empty, Empty> {
  checkOptions(kind, options);
  return poolLayer(kind, rank, options, (x) => pooled(kind, rank, x, options));
}

function pooled(op: string, rank: number, x: Tensor, options: AveragePoolOptions): Tensor {
  checkOptions(op, options);
  const { countIncludePad = true, divisorOverride: divisor = null } = options;
  return batched(op, rank, x, (input) => {
    const { kernel, stride, dilation, padding, ceil } = poolWindow(op, rank, input.shape, options);
    return [averagePool(input, { kernel, stride, dilation, padding, ceil, countIncludePad, divisor })];
  })[0];
}

function checkOptions(op: string, options: AveragePoolOptions): void {
  checkPoolOptions(op, options, ['countIncludePad', 'divisorOverride']);
  const { countIncludePad = true, divisorOverride: divisor } = options;
  const problems: string[] = [];
  if (typeof countIncludePad !== 'boolean')
    problems.push(`countIncludePad must be true or false, received ${formatValue(countIncludePad)}`);
  if (divisor !== undefined && !(Number.isFinite(divisor) && divisor !== 0)) {
    problems.push(`divisorOverride must be a finite number other than 0, received ${formatValue(divisor)}`);
  }
  if (problems.length > 0) throw new OptionError(op, problems);
}
