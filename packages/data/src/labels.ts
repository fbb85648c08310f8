import { DataError } from './error.js';
import { checkInteger, checkKeys } from './options.js';

/**
 * Checks class labels before training reads them.
 *
 * @param labels class indices, one a sample.
 * @param options `classes`: labels must be integers from 0 to `classes − 1`, or any from 0 where it is left out; `count`: the number of samples that they
 * label, where known; `name`: what errors call them, default `labels`.
 * @throws DataError naming both counts, or the first label out of range, its place and how many there are.
 */
export function checkLabels(
  labels: ArrayLike<number>,
  options: { readonly classes?: number; readonly count?: number; readonly name?: string },
): void {
  checkKeys('checkLabels', options, ['classes', 'count', 'name']);
  const { classes, count, name: source = 'labels' } = options;
  if (classes !== undefined) checkInteger('checkLabels', 'classes', classes, 1);
  const end = classes ?? Infinity;
  if (count !== undefined && labels.length !== count) {
    throw new DataError({
      source,
      received: `${labels.length} labels for ${count} samples`,
      expected: 'one label a sample',
      fix: 'The samples and the labels may come from different files',
    });
  }
  let first = -1;
  let wrong = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (Number.isInteger(label) && label >= 0 && label < end) continue;
    if (wrong++ === 0) first = i;
  }
  if (wrong > 0) {
    throw new DataError({
      source,
      received: `label ${labels[first]} at index ${first} (${wrong} of ${labels.length} labels are out of range)`,
      expected: classes === undefined ? 'integers from 0' : `integers from 0 to ${classes - 1}, for ${classes} classes`,
    });
  }
}
