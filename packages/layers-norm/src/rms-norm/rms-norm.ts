import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { apply, reshape, type Tensor } from '@lemmata/tensor';
import { filled } from '../affine.js';
import { type NormalizedShape, normalizedShapeOf, rowsOf } from '../trailing.js';
import { RmsNorm } from './op.js';

export interface RmsNormOptions {
  /**
   * Added to the mean square, under the root: any finite number, though below 0 a root may be NaN. Default null: the machine
   * epsilon of x, 2⁻²³ for float32 and 2⁻⁵² for float64.
   */
  readonly eps?: number | null;
}

/**
 * Each row, that is the elements along the last axes of x together, divided by its root mean square, then scaled element by
 * element: y = x / √(mean(x²) + ε) · weight. The mean is not taken off. Rows do not see each other, and training is as
 * inference.
 *
 * @param x [...any, ...normalizedShape]
 * @param normalizedShape sizes of the axes to normalise over; a number: the last axis
 * @param weight normalizedShape; null: 1
 * @returns as x
 * @throws ShapeError if sizes or dtypes do not meet; OptionError for an empty normalizedShape or an unknown option.
 *
 * Source: Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467.
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: NormalizedShape,
  weight?: Tensor | null,
  options: RmsNormOptions = {},
): Tensor {
  unknownOptions('rmsNorm', options, ['eps']);
  const { eps = null } = options;
  if (eps !== null && !Number.isFinite(eps))
    throw new OptionError('rmsNorm', [`eps must be a finite number or null, received ${formatValue(eps)}`]);
  const [rows, size] = rowsOf('rmsNorm', x, normalizedShapeOf('rmsNorm', normalizedShape), { weight });
  const gain = reshape(weight ?? filled(x, [size], 1), [size]);
  const machine = x.dtype === 'float32' ? 2 ** -23 : 2 ** -52;
  return reshape(apply(RmsNorm, { eps: eps ?? machine }, [reshape(x, [rows, size]), gain])[0], x.shape);
}
