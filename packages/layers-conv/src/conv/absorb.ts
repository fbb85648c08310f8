import type { AffineMap } from '@lemmata/nn';
import { add, cast, mul, reshape, type Tensor } from '@lemmata/tensor';
import type { ConvParams } from './layer-options.js';

/**
 * Parameters of a convolution that gives scale · y + shift in place of y, computed in float64 and rounded once. `filters` are those
 * of the output channels, `[O, …]`, or of a transposed kernel in groups, `[groups, C / groups, O / groups, …]`.
 */
export function absorbed(
  { weight, bias }: ConvParams,
  { scale, shift }: AffineMap,
  filters: { readonly shape: readonly number[]; readonly channels: readonly number[] },
): Required<ConvParams> {
  const exact = (t: Tensor): Tensor => cast(t, 'float64');
  const scaled = mul(reshape(exact(weight), filters.shape), reshape(exact(scale), filters.channels));
  const moved = bias === undefined ? exact(shift) : add(mul(exact(bias), exact(scale)), exact(shift));
  return { weight: cast(reshape(scaled, weight.shape), weight.dtype), bias: cast(moved, weight.dtype) };
}

/** The first axis of a weight `[O, …]` is that of the channels. */
export function firstAxis({ shape }: Tensor): { shape: readonly number[]; channels: readonly number[] } {
  return { shape, channels: shape.map((n, axis) => (axis === 0 ? n : 1)) };
}
