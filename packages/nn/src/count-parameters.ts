import { isTensor } from '@lemmata/tensor';
import { leaves } from '@lemmata/tree';

/** How many numbers a tree of parameters holds. A tensor that stands in several places counts once. */
export function countParameters(params: unknown): number {
  let total = 0;
  for (const leaf of new Set(leaves<unknown>(params) as unknown[])) if (isTensor(leaf)) total += leaf.size;
  return total;
}
