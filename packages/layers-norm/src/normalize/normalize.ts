import { formatValue, normalizeAxes, OptionError, unknownOptions } from '@lemmata/shape';
import { div, maximum, norm, reshape, type Tensor } from '@lemmata/tensor';

export interface NormalizeOptions {
  /** Of the norm (Σ |x|^p)^(1/p): a number above 0, or ∞ for the largest |x|, or 0 for how many are not 0. Default 2. */
  readonly p?: number;
  /** Axes along which vectors lie. Default 1. */
  readonly axis?: number | readonly number[];
  /** The smallest divisor. Default 1e-12. */
  readonly eps?: number;
}

/**
 * Each vector along `axis` brought to norm 1: x / max(‖x‖ₚ, ε). A vector of zeros stays what it is, with the gradient u / ε.
 * A scalar counts as a vector of one element.
 *
 * @throws OptionError for a negative p, an ε that is not above 0, or an unknown option; ShapeError for an axis that x has not.
 *
 * Source: conventions of torch.nn.functional.normalize.
 */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  unknownOptions('normalize', options, ['p', 'axis', 'eps']);
  const { p = 2, axis = 1, eps = 1e-12 } = options;
  if (!(typeof p === 'number' && p >= 0))
    throw new OptionError('normalize', [`p must be a number of at least 0, received ${formatValue(p)}`]);
  if (!(Number.isFinite(eps) && eps > 0))
    throw new OptionError('normalize', [`eps must be a finite number above 0, received ${formatValue(eps)}`]);
  if (![axis].flat().every(Number.isSafeInteger)) {
    const rule = 'axis must be an integer, or a list of integers';
    throw new OptionError('normalize', [`${rule}, received ${formatValue(axis)}`]);
  }
  if (x.rank === 0) return reshape(normalize(reshape(x, [1]), options), []);
  normalizeAxes('normalize', axis, x.rank);
  // The largest of no elements is undefined; there is nothing to divide by it.
  if (x.size === 0) return x;
  return div(x, maximum(norm(x, { p, axis, keepdims: true }), eps));
}
