import { apply, reshape, type Tensor } from '@lemmata/tensor';
import { filled } from '../affine.js';
import { GroupNorm } from '../group-norm/op.js';
import { type EpsOptions, epsOf } from '../options.js';
import { type NormalizedShape, normalizedShapeOf, rowsOf } from '../trailing.js';

export type LayerNormOptions = EpsOptions;

/**
 * Each row, that is the elements along the last axes of x together, brought to mean 0 and variance 1, then scaled and shifted
 * element by element: y = (x − μ) / √(σ² + ε) · weight + bias, with the biased variance σ² (divided by n). Rows do not see
 * each other, and training is as inference. A row of one element gives the bias.
 *
 * @param x [...any, ...normalizedShape]
 * @param normalizedShape sizes of the axes to normalise over; a number: the last axis
 * @param weight normalizedShape; null: 1
 * @param bias normalizedShape; null: 0
 * @returns as x
 * @throws ShapeError if sizes or dtypes do not meet; OptionError for an empty normalizedShape or an unknown option.
 *
 * Source: Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450.
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: NormalizedShape,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: LayerNormOptions = {},
): Tensor {
  const eps = epsOf('layerNorm', options);
  const [rows, size] = rowsOf('layerNorm', x, normalizedShapeOf('layerNorm', normalizedShape), { weight, bias });
  const [gain, shift] = [weight ?? filled(x, [size], 1), bias ?? filled(x, [size], 0)].map((t) => reshape(t, [size]));
  // A row is a sample whose elements are all channels of one group.
  return reshape(apply(GroupNorm, { groups: 1, eps }, [reshape(x, [rows, size]), gain, shift])[0], x.shape);
}
