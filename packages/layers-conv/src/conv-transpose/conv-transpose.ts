import { type PerAxis, type TransposedConvGeometry, transposedConvGeometry, unknownOptions } from '@lemmata/shape';
import { pad, type Tensor } from '@lemmata/tensor';
import { onBatch } from '../conv/on-batch.js';
import { inputGradient } from '../conv/op.js';

/** Those of the convolution that is transposed. Lists have one entry for each spatial axis. */
export interface ConvTransposeOptions {
  /** Output elements from one window to the next. Default 1. */
  readonly stride?: PerAxis | undefined;
  /** Elements cut from each side of the output: a number, or a number or `[before, after]` for each axis. Default 0. */
  readonly padding?: number | readonly (number | readonly [before: number, after: number])[] | undefined;
  /** Elements added at the end of the output, fewer than max(stride, dilation). Default 0. */
  readonly outputPadding?: PerAxis | undefined;
  /** Output elements from one kernel element to the next. Default 1. */
  readonly dilation?: PerAxis | undefined;
  /** Default 1. */
  readonly groups?: number | undefined;
}

/**
 * Transposed convolution of images: the adjoint of the convolution with the same weight and options, which spreads each
 * element of x over a window of the result.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @param weight `[C, O / groups, KH, KW]`: that of the convolution from O to C channels
 * @param bias `[O]`
 * @returns `[N, O, H', W']` with H' = (H − 1)s − p₀ − p₁ + d(KH − 1) + outputPadding + 1
 * @throws ShapeError naming every rule that is broken; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions = {},
): Tensor {
  return transpose('convTranspose2d', 2, x, weight, bias, options);
}

/** {@link convTranspose2d} along one spatial axis: x `[N, C, L]` or `[C, L]`. */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions = {},
): Tensor {
  return transpose('convTranspose1d', 1, x, weight, bias, options);
}

/** {@link convTranspose2d} along three spatial axes: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function convTranspose3d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions = {},
): Tensor {
  return transpose('convTranspose3d', 3, x, weight, bias, options);
}

function transpose(
  op: string,
  rank: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  options: ConvTransposeOptions,
): Tensor {
  unknownOptions(op, options, ['stride', 'padding', 'outputPadding', 'dilation', 'groups']);
  const { stride, padding, outputPadding, dilation, groups } = options;
  const window = { stride, padding, outputPadding, dilation, groups, spatialRank: rank };
  return onBatch(op, rank, x, weight, bias, (input) =>
    adjoint(
      input,
      weight,
      transposedConvGeometry(op, { input: input.shape, weight: weight.shape, bias: bias?.shape, ...window }),
    ),
  );
}

/**
 * The adjoint of the convolution, of the size that was asked for. Many sizes lead to the same number of windows; beyond
 * them (outputPadding ≥ stride, which dilation allows) lies first what the padding cut off, then nothing but zeros.
 */
function adjoint(x: Tensor, weight: Tensor, geometry: TransposedConvGeometry): Tensor {
  const { stride, dilation, groups, outputShape } = geometry;
  const padding: [number, number][] = [];
  const zeros = geometry.outputPadding.map((extra, axis) => {
    const [before, after] = geometry.padding[axis];
    const uncut = extra < stride[axis] ? 0 : Math.min(extra, after);
    padding.push([before, after - uncut]);
    return Math.max(0, extra - uncut - stride[axis] + 1);
  });
  const size = outputShape.slice(2).map((n, axis) => n - zeros[axis]);
  const y = inputGradient(x, weight, { stride, dilation, padding, groups }, size);
  return zeros.every((n) => n === 0) ? y : pad(y, [0, 0, ...zeros.map((n): [number, number] => [0, n])]);
}
