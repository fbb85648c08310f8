import { formatValue, OptionError } from '@lemmata/shape';
import { add, cast, div, mul, tensor, type Tensor, zerosLike } from '@lemmata/tensor';
import { map } from '@lemmata/tree';

/** Gradients of several batches, added up: a plain tree, which a compiled step carries. */
export interface Accumulated<P> {
  /** Σ weight · gradient */
  readonly sum: P;
  /** Σ weight, a float64 scalar. */
  readonly weight: Tensor;
}

/** No gradients yet, for parameters such as these. */
export function startAccumulation<P>(params: P): Accumulated<P> {
  return {
    sum: map((leaf: unknown) => zerosLike(leaf as Tensor), params as never) as P,
    weight: tensor(0, { dtype: 'float64' }),
  };
}

/**
 * One batch more. Its weight is the number of its samples where gradients are those of a mean over them, so that the smaller
 * last batch of an epoch counts by its size.
 *
 * @param weight at least 0; default 1
 */
export function accumulate<P>(before: Accumulated<P>, grads: P, weight: number | Tensor = 1): Accumulated<P> {
  if (typeof weight === 'number' && !(Number.isFinite(weight) && weight >= 0))
    throw new OptionError('accumulate', [
      `weight must be a finite number of at least 0, received ${formatValue(weight)}`,
    ]);
  const factor = typeof weight === 'number' ? tensor(weight, { dtype: 'float64' }) : cast(weight, 'float64');
  return {
    sum: map(
      (total: unknown, g: unknown) => add(total as Tensor, mul(g as Tensor, cast(factor, (g as Tensor).dtype))),
      before.sum as never,
      grads as never,
    ) as P,
    weight: add(before.weight, factor),
  };
}

/**
 * Σ weight · gradient / Σ weight: the gradient of the mean over all samples, as if they had come in one batch (without batch
 * norm, whose statistics are those of each batch). A window that ends early is divided by what it holds. Of no batches: NaN.
 */
export function accumulated<P>({ sum, weight }: Accumulated<P>): P {
  return map((total: unknown) => div(total as Tensor, cast(weight, (total as Tensor).dtype)), sum as never) as P;
}
