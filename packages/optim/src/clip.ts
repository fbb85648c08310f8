import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import {
  add,
  cast,
  clamp,
  concat,
  div,
  isFinite,
  minimum,
  norm,
  reshape,
  tensor,
  where,
  type Tensor,
} from '@lemmata/tensor';
import { leaves, map } from '@lemmata/tree';
import { times } from './per-parameter.js';

export interface GlobalNormOptions {
  /** Which norm: Σ|g| (1), √Σg² (2, the default), the largest |g| (Infinity), or any other above 0. */
  readonly p?: number;
}

/**
 * The norm of all elements of a tree of tensors together, a float64 scalar; 0 without elements. Squares do not
 * overflow float32; the norm of each tensor is rounded to its dtype.
 */
export function globalNorm(tree: unknown, options: GlobalNormOptions = {}): Tensor {
  unknownOptions('globalNorm', options, ['p']);
  return normFor('globalNorm', tree, options);
}

function normFor(op: string, tree: unknown, { p = 2 }: GlobalNormOptions): Tensor {
  if (!(p > 0)) throw new OptionError(op, [`p must be a number above 0 or Infinity, received ${formatValue(p)}`]);
  const parts = (leaves(tree as never) as Tensor[])
    .filter((leaf) => leaf.size > 0)
    .map((leaf) => reshape(cast(norm(leaf, { p }), 'float64'), [1]));
  return parts.length === 0 ? tensor(0, { dtype: 'float64' }) : norm(concat(parts, 0), { p });
}

export interface Clipped<G> {
  readonly grads: G;
  /** Of the gradients as they were, float64. */
  readonly norm: Tensor;
}

/**
 * Gradients scaled down together, so that their common norm is at most `max`: g · min(1, max / (‖g‖ + 10⁻⁶)).
 * Gradients within the bound come back bit for bit. A norm that is NaN or ∞ makes all of them NaN, so that no step is
 * quietly taken with zeros.
 *
 * Source: Pascanu et al. 2013, https://arxiv.org/abs/1211.5063, in the form of torch.nn.utils.clip_grad_norm_.
 */
export function clipByGlobalNorm<G>(grads: G, max: number, options: GlobalNormOptions = {}): Clipped<G> {
  unknownOptions('clipByGlobalNorm', options, ['p']);
  checkBound('clipByGlobalNorm', max);
  const total = normFor('clipByGlobalNorm', grads, options);
  const scale = where(isFinite(total), minimum(div(max, add(total, 1e-6)), 1), NaN);
  return { grads: map((g: unknown) => times(g as Tensor, scale), grads as never) as G, norm: total };
}

/** Every element of every gradient within [−max, max]; NaN stays NaN. */
export function clipByValue<G>(grads: G, max: number): G {
  checkBound('clipByValue', max);
  return map((g: unknown) => clamp(g as Tensor, { min: -max, max }), grads as never) as G;
}

function checkBound(op: string, max: number): void {
  if (!(Number.isFinite(max) && max > 0))
    throw new OptionError(op, [`max must be a finite number above 0, received ${formatValue(max)}`]);
}
