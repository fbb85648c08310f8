import { inBounds } from './compare.js';
import type { Outcome } from './run-case.js';

interface Row {
  readonly op: string;
  passed: number;
  failed: number;
  skipped: number;
  worst: Outcome | null;
}

/** A table with a row for each op: how its cases went, and the one that came nearest to its bound, or beyond it. */
export function formatReport(outcomes: readonly Outcome[]): string {
  const rows = rowsOf(outcomes);
  const width = Math.max(2, ...rows.map(({ op }) => op.length));
  const line = (op: string, passed: string, failed: string, skipped: string, worst: string): string =>
    `${op.padEnd(width)}  ${passed.padStart(6)}  ${failed.padStart(6)}  ${skipped.padStart(7)}  ${worst}`.trimEnd();
  return [
    line('op', 'passed', 'failed', 'skipped', 'worst error, its bound, its case'),
    ...rows.map(({ op, passed, failed, skipped, worst }) =>
      line(op, String(passed), String(failed), String(skipped), worst === null ? '' : formatWorst(worst)),
    ),
  ].join('\n');
}

/** `N passed, M failed, K skipped` */
export function formatCounts(outcomes: readonly Outcome[]): string {
  return (['passed', 'failed', 'skipped'] as const)
    .map((status) => `${outcomes.filter((outcome) => outcome.status === status).length} ${status}`)
    .join(', ');
}

/** Every failure, with its error on the lines below its name. */
export function formatFailures(outcomes: readonly Outcome[]): string {
  return outcomes
    .filter(({ status }) => status === 'failed')
    .map(({ name, error = '' }) => `FAILED ${name}\n${error.replace(/^/gm, '    ')}`)
    .join('\n');
}

function rowsOf(outcomes: readonly Outcome[]): Row[] {
  const rows = new Map<string, Row>();
  for (const outcome of outcomes) {
    const { op, status } = outcome;
    const row = rows.get(op) ?? { op, passed: 0, failed: 0, skipped: 0, worst: null };
    row[status]++;
    if (outcome.maxAbs !== null && (row.worst === null || depth(outcome) > depth(row.worst))) row.worst = outcome;
    rows.set(op, row);
  }
  return [...rows.values()];
}

const depth = ({ maxAbs, bound }: Outcome): number => inBounds({ error: maxAbs ?? 0, bound: bound ?? 0 });

function formatWorst({ maxAbs, bound, name }: Outcome): string {
  return `${(maxAbs ?? 0).toExponential(1).padStart(8)}  ${(bound ?? 0).toExponential(1).padStart(8)}  ${name}`;
}
