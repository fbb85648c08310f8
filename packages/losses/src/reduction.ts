import { formatValue, OptionError } from '@lemmata/shape';
import { div, mean, sum, type Tensor } from '@lemmata/tensor';

/** How the losses of all elements become one: their mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';

export interface ReductionOptions {
  /** Default mean. */
  readonly reduction?: Reduction;
}

const REDUCTIONS: readonly string[] = ['mean', 'sum', 'none'] satisfies readonly Reduction[];

/** Throws an OptionError for a reduction that is none. */
export function checkReduction(op: string, reduction: string, allowed: readonly string[] = REDUCTIONS): void {
  if (allowed.includes(reduction)) return;
  throw new OptionError(op, [
    `reduction is one of ${allowed.map((name) => `'${name}'`).join(', ')}; received ${formatValue(reduction)}`,
  ]);
}

/**
 * The losses of all elements as one. The mean of no elements is NaN.
 *
 * @param weights of the elements, whose sum the mean divides by. Default: each counts once.
 */
export function reduced(losses: Tensor, reduction: Reduction, weights?: Tensor): Tensor {
  if (reduction === 'none') return losses;
  if (reduction === 'sum') return sum(losses);
  return weights === undefined ? mean(losses) : div(sum(losses), sum(weights));
}
