import { formatNumber } from '@lemmata/visualize';
import { commandOf, nameOf, type Cell } from './cell.js';

/** `1 case`, `2 cases`. */
export const counted = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`;

/** How a law went: cases, seed, the largest error and the kinks that were left out. Not its time, which is another each time. */
export function outcomeOf(cell: Cell): string {
  const { status, cases, seed, worst, kinks } = cell;
  return [
    `${status}: ${counted(cases, 'case')}`,
    `seed ${seed}`,
    worst === null
      ? 'no numbers to compare'
      : `largest error ${formatNumber(worst.absolute)} (relative ${formatNumber(worst.relative)}, ${formatNumber(worst.ulp)} ulp)`,
    ...(kinks === 0 ? [] : [`${counted(kinks, 'kink')} avoided`]),
  ].join(', ');
}

/** What became of the planted bugs; empty where none were planted. */
export function bugsOf({ mutants }: Cell): string {
  return mutants
    .map(({ name, fate, cases }) =>
      fate === 'killed'
        ? `${name} (caught in case ${cases})`
        : `${name} (${fate === 'idle' ? 'changes nothing here' : fate})`,
    )
    .join('; ');
}

/** A cell as lines for a terminal. */
export function cellText(cell: Cell, profile: string): string {
  const bugs = bugsOf(cell);
  return [
    nameOf(cell),
    `  law      ${cell.statement}`,
    `  formula  ${cell.formula}`,
    `  result   ${outcomeOf(cell)}, ${cell.milliseconds} ms`,
    ...(cell.reason === undefined ? [] : [`  reason   ${cell.reason.replaceAll('\n', '\n           ')}`]),
    ...(bugs === '' ? [] : [`  planted  ${bugs}`]),
    `  again    ${commandOf(cell, profile)}`,
  ].join('\n');
}

/** Each once, in the order in which they are met. */
export const unique = (list: readonly string[]): string[] => [...new Set(list)];
