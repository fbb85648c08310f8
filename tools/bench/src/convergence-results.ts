import { formatMarkdown } from './table.js';

/** What became of the trainings with one kind of kernels. */
export interface VariantResult {
  readonly name: string;
  /** Largest difference of the first ten losses to those of the first variant, beside them. */
  readonly off: number;
  /** Mean of the last 20 losses of all seeds. */
  readonly lastLoss: number;
  /** Of each seed: errors on the test images, in percent. */
  readonly errors: readonly number[];
  /** Mean seconds of a training. */
  readonly seconds: number;
}

/** A result file of `npm run bench:convergence`. */
export interface Convergence {
  readonly convergence: {
    readonly steps: number;
    readonly batch: number;
    readonly seeds: number;
    readonly test: number;
    readonly threads: number;
  };
  readonly variants: readonly VariantResult[];
}

/** The results in a file, or null where it holds something else. */
export function parseConvergence(text: string): Convergence | null {
  if (!text.startsWith('{"convergence":')) return null;
  return JSON.parse(text) as Convergence;
}

/** In words: what was trained. */
export function titleOf({ convergence: { steps, batch, seeds, test, threads } }: Convergence): string {
  return `ResNet-20, ${steps} steps of ${batch} on MNIST, ${seeds} seeds, ${test} test images, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const spread = (list: readonly number[]): string => `${Math.min(...list).toFixed(2)}–${Math.max(...list).toFixed(2)}`;

export function convergenceTable({ variants }: Convergence): string {
  return formatMarkdown([
    ['convolution', 'loss, steps 1–10 off by', 'loss, last 20 steps', 'errors on test images, %', 'seconds'],
    ...variants.map(({ name, off, lastLoss, errors, seconds }) => [
      name,
      off === 0 ? '' : off.toExponential(1),
      lastLoss.toFixed(4),
      `${mean(errors).toFixed(2)} (${spread(errors)})`,
      seconds.toFixed(1),
    ]),
  ]);
}

/** The section of the page. */
export function convergenceSection(result: Convergence | null): string[] {
  if (result === null) return [];
  return [
    '## Training converges alike by Winograd’s algorithm',
    `${titleOf(result)}; the same start and the same batches in every row, by \`npm run bench:convergence\`. The second row sums as the ` +
      'first does and rounds otherwise: rows that differ no more than these two differ by rounding alone.',
    convergenceTable(result),
  ];
}
