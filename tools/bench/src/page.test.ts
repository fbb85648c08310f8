import { expect, test } from 'vitest';
import { parseConvergence } from './convergence-results.js';
import { growthPlot } from './growth-plot.js';
import type { Measurement } from './measurement.js';
import { performancePage } from './page.js';
import { formatText, remarks, tableOf } from './table.js';
import { judge, targets } from './targets.js';

const at = (workload: string, peer: Measurement['peer'], ms: number, more: Partial<Measurement> = {}): Measurement => ({
  workload,
  peer,
  threads: 1,
  ms,
  min: ms,
  engine: peer,
  load: 0.5,
  samples: 7,
  ...more,
});

const run: Measurement[] = [
  at('gemm512', 'lemmata', 10, { gflops: 26.8, roofGflops: 32 }),
  at('gemm512', 'torch', 4),
  at('gemm512', 'lemmata', 5, { gflops: 53.6, roofGflops: 64, threads: 2 }),
  at('relu4m', 'lemmata', 8, { min: 4 }),
  at('relu4m', 'torch', 4, { min: 4 }),
  at('lenet', 'lemmata', 12),
  at('lenet', 'jax', 1200),
  { workload: 'lenet', peer: 'tfjs-wasm', threads: 1, engine: 'tfjs', load: 1.5, error: 'no kernel <x>' },
  { workload: 'resnet20', peer: 'lemmata', threads: 1, engine: 'lemmata', load: 1, error: 'not built yet: ResNet-20' },
  {
    workload: 'bundle',
    peer: 'lemmata',
    threads: 1,
    engine: 'lemmata',
    load: 1,
    bytes: 30 * 1024,
    note: '30 KiB script',
  },
  at('eager-op', 'lemmata', 0.0012),
];

test('a table has a row for each workload and thread count, and ours ÷ theirs', () => {
  expect(tableOf(run)).toEqual([
    ['workload', 'threads', 'lemmata', '% of roof', 'torch', 'tfjs-wasm', 'jax'],
    ['gemm512', '1', '10 ms', '84', '4 ms (2.5×)', '', ''],
    ['gemm512', '2', '5 ms', '84', '', '', ''],
    ['relu4m', '1', '4 ms', '', '4 ms (1×)', '', ''],
    ['lenet', '1', '12 ms', '', '', 'throws', '1200 ms (0.01×)'],
    ['resnet20', '1', 'not built yet', '', '', '', ''],
    ['bundle', '1', '30 KiB', '', '', '', ''],
    ['eager-op', '1', '1.2 µs', '', '', '', ''],
  ]);
});

test('for a terminal, columns are lined up', () => {
  expect(formatText(tableOf(run.slice(0, 2)))).toBe(
    ['workload  threads  lemmata  % of roof        torch', 'gemm512         1    10 ms         84  4 ms (2.5×)'].join(
      '\n',
    ),
  );
});

test('errors and notes are told in full, with the workloads that they concern', () => {
  expect(remarks([...run, { ...run[7]!, workload: 'vit' }])).toEqual([
    'tfjs-wasm, 1 thread: no kernel <x> (lenet, vit)',
    'lemmata, 1 thread: not built yet: ResNet-20 (resnet20)',
    'lemmata, 1 thread: 30 KiB script (bundle)',
  ]);
});

test('the page holds targets, roofs, tables and remarks', () => {
  const page = performancePage([{ name: 'one.json', measurements: run }]);
  const row = (start: string): string | undefined => page.split('\n').find((line) => line.startsWith(`| ${start}`));
  expect(row('gemm512, one thread, of the roof')).toBe(
    '| gemm512, one thread, of the roof | ≥ 80 % | ≥ 92 % | 83.8 % | reached |',
  );
  expect(row('gemm512, two threads over one')).toBe(
    '| gemm512, two threads over one | ≥ 1.7 × | ≥ 1.9 × | 2 × | reached, and the aim |',
  );
  expect(row('lenet, one thread, ÷ fastest')).toBe(
    '| lenet, one thread, ÷ fastest in JavaScript | ≤ 0.1 × |  | 0.01 × | reached |',
  );
  expect(row('bundle')).toBe(
    '| bundle for matrix product, convolution, gradient | ≤ 70 KiB | ≤ 40 KiB | 30 KiB | reached, and the aim |',
  );
  expect(row('an eager operation')).toBe('| an eager operation on a small tensor | ≤ 1 µs |  | 1.2 µs | **missed** |');
  expect(row('compiling')).toBe('| compiling a ResNet-20 step | ≤ 300 ms |  |  | not measured |');
  expect(page).toContain('- roof with 1 thread: 32 GFLOP/s');
  expect(page).toContain('- load average 0.5 to 1.5');
  expect(page).toContain('- tfjs-wasm, 1 thread: no kernel &lt;x> (lenet)');
  expect(page).not.toContain('void');
  expect(page).toBe(performancePage([{ name: 'one.json', measurements: run }]));
});

test('growth is plotted of the first run that has it, and told in nanoseconds a pixel', () => {
  expect(growthPlot([{ name: 'one.json', measurements: run }])).toBeNull();
  const grown = [
    at('growth:batch-4', 'lemmata', 4.096),
    at('growth:batch-64', 'lemmata', 65.536),
    at('growth:side-16', 'torch', 4.096),
    at('growth:side-64', 'torch', 32.768),
  ];
  const runs = [{ name: 'grown.json', measurements: grown }];
  const { svg, sentences } = growthPlot(runs)!;
  expect(svg).toMatch(/^<svg/);
  expect(svg).toContain('lemmata, more images');
  expect(sentences).toEqual([
    'lemmata, more images: 1000 ns a pixel at 4096 pixels, 1000 ns at 65536',
    'torch, larger images: 2000 ns a pixel at 2048 pixels, 1000 ns at 32768',
  ]);
  expect(performancePage(runs)).toContain('](./performance-growth.svg)');
});

test('figures of two runs are not compared; a void run and the reference backend reach no target', () => {
  const ours = { name: 'a', measurements: [at('bn', 'lemmata', 1)] };
  const theirs = { name: 'b', measurements: [at('bn', 'torch', 2)] };
  expect(performancePage([ours, theirs])).toContain(
    '| bn, one thread, ÷ PyTorch | ≤ 1 × | ≤ 0.5 × |  | not measured |',
  );
  const voided = {
    name: 'c',
    measurements: [...ours.measurements, ...theirs.measurements].map((each) => ({ ...each, void: true as const })),
  };
  expect(performancePage([voided])).toContain('| bn, one thread, ÷ PyTorch | ≤ 1 × | ≤ 0.5 × |  | not measured |');
  expect(performancePage([voided])).toContain('**This run is void:**');
  const slow = {
    name: 'd',
    measurements: [at('bn', 'lemmata', 1, { engine: 'lemmata reference, Node 20' }), ...theirs.measurements],
  };
  expect(performancePage([slow])).toContain('| bn, one thread, ÷ PyTorch | ≤ 1 × | ≤ 0.5 × |  | not measured |');
});

test('verdicts, at the limits', () => {
  const atMost = targets.find(({ work }) => work === 'bn, one thread, ÷ PyTorch')!;
  expect([0.5, 0.51, 1, 1.01, undefined].map((value) => judge(atMost, value))).toEqual([
    'aim',
    'must',
    'must',
    'missed',
    'not measured',
  ]);
  const atLeast = targets.find(({ work }) => work === 'gemm512, one thread, of the roof')!;
  expect([92, 91, 80, 79].map((value) => judge(atLeast, value))).toEqual(['aim', 'must', 'must', 'missed']);
});

test('the page has a table of trainings where a file of them is given', () => {
  const result = {
    convergence: { steps: 200, batch: 32, seeds: 2, test: 2000, threads: 1 },
    variants: [
      { name: 'direct', off: 0, lastLoss: 0.12345, errors: [2, 3], seconds: 20 },
      { name: 'F(4×4, 3×3)', off: 0.000123, lastLoss: 0.125, errors: [2.5, 2.75], seconds: 9.94 },
    ],
  };
  const page = performancePage([{ name: 'a', measurements: run }], parseConvergence(`${JSON.stringify(result)}\n`));
  expect(page).toContain('ResNet-20, 200 steps of 32 on MNIST, 2 seeds, 2000 test images, 1 thread; the same start');
  expect(page).toContain('| direct |  | 0.1235 | 2.50 (2.00–3.00) | 20.0 |');
  expect(page).toContain('| F(4×4, 3×3) | 1.2e-4 | 0.1250 | 2.63 (2.50–2.75) | 9.9 |');
  expect(parseConvergence('{"workload":"gemm512"}')).toBeNull();
  expect(performancePage([{ name: 'a', measurements: run }])).not.toContain('converges');
});
