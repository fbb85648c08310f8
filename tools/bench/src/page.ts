import { type Convergence, convergenceSection } from './convergence-results.js';
import { Figures } from './figures.js';
import { growthPlot } from './growth-plot.js';
import type { Measurement } from './measurement.js';
import { significant } from './statistics.js';
import { formatMarkdown, remarks, tableOf } from './table.js';
import { judge, type Target, targets } from './targets.js';
import { workloads } from './workloads/index.js';

/** One result file. */
export interface Run {
  readonly name: string;
  readonly measurements: readonly Measurement[];
}

/** The plot that the page shows, beside it. */
export const GROWTH_FILE = 'performance-growth.svg';

/** docs/performance.md, from the results of runs. Figures are compared within a run only. */
export function performancePage(runs: readonly Run[], trained: Convergence | null = null): string {
  return [
    '# Performance',
    `<!-- Written by npm run bench:docs from ${runs.map(({ name }) => name).join(', ')}. -->`,
    'Everything here was measured by `npm run bench`, which runs the same work on the same data on every side, in turn, in one run. ' +
      'A figure is the median of at least 7 samples after a warm-up, or the first call where that alone takes over 5 s; of the work ' +
      'that memory bounds, it is the minimum of at least 15. Behind a peer’s figure stands our time ÷ theirs: below 1 we are faster.',
    '## Targets',
    'Each is set for a quiet machine and the wasm backend. What is missed stays in the table.',
    formatMarkdown(targetTable(runs)),
    ...growthSection(runs),
    ...convergenceSection(trained),
    ...runs.flatMap(runSection),
    '## The work',
    formatMarkdown([
      ['id', 'work'],
      ...workloads.map(({ id, title, parts }) => [
        `\`${id}\``,
        title + (parts === undefined ? '' : `; parts ${parts.join(', ')}`),
      ]),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

function growthSection(runs: readonly Run[]): string[] {
  const found = growthPlot(runs);
  if (found === null) return [];
  return [
    '## Cost grows with the input, and no faster',
    `![Milliseconds of a ResNet-20 step over the pixels of its batch: straight lines](./${GROWTH_FILE})`,
    found.sentences.map((text) => `- ${text}`).join('\n'),
  ];
}

function runSection({ measurements }: Run, index: number, runs: readonly Run[]): string[] {
  const roofs = new Map(
    measurements
      .filter(({ roofGflops }) => roofGflops !== undefined)
      .map(({ threads, roofGflops }) => [threads, roofGflops!]),
  );
  const loads = measurements.map(({ load }) => load);
  const found = remarks(measurements);
  return [
    `## Run${runs.length > 1 ? ` ${index + 1}` : ''}`,
    [
      `- ${[...new Set(measurements.map(({ engine }) => engine))].join('; ')}`,
      ...[...roofs].map(
        ([threads, gflops]) =>
          `- roof with ${threads} ${threads === 1 ? 'thread' : 'threads'}: ${gflops} GFLOP/s, multiply-adds on 128 bits in registers`,
      ),
      `- load average ${Math.min(...loads)} to ${Math.max(...loads)}`,
    ].join('\n'),
    ...(measurements.some((each) => each.void)
      ? ['**This run is void:** its roof lies below what the machine reaches when it is quiet.']
      : []),
    formatMarkdown(tableOf(measurements)),
    ...(found.length > 0 ? [found.map((text) => `- ${text.replaceAll('<', '&lt;')}`).join('\n')] : []),
  ];
}

/** Whether the figures of a run count: of the fast backend, on a machine that was quick enough. */
const counts = ({ measurements }: Run): boolean =>
  !measurements.some((each) => each.void || each.engine.startsWith('lemmata reference'));

/** Each target with the figure of the first run that has one. */
function targetTable(runs: readonly Run[]): string[][] {
  const figures = runs.filter(counts).map(({ measurements }) => new Figures(measurements));
  const words = { aim: 'reached, and the aim', must: 'reached', missed: '**missed**', 'not measured': 'not measured' };
  return [
    ['target', 'must', 'aim', 'measured', ''],
    ...targets.map((target) => {
      const value = figures.map((each) => target.value(each)).find((found) => found !== undefined);
      const verdict = judge(target, value);
      const word = target.must === undefined && verdict === 'must' ? 'aim not reached' : words[verdict];
      return [
        target.work,
        limit(target, target.must),
        limit(target, target.aim),
        value === undefined ? '' : `${significant(value, 3)} ${target.unit}`,
        word,
      ];
    }),
  ];
}

function limit({ atMost, unit }: Target, value: number | undefined): string {
  return value === undefined ? '' : `${atMost ? '≤' : '≥'} ${value} ${unit}`;
}
