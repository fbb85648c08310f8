import type { Law } from '@lemmata/laws';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandOf, statusOf, type Cell, type LeftOutCell } from './cell.js';
import { headOf, isSound, toJson, type Findings, type Outcome } from './findings.js';
import { inventoryOf, withoutLaws } from './evidence.js';
import { gapsOf } from './gaps.js';
import { auditPage } from './page.js';
import { asked, isAsked, leftOutOf, runUnit } from './run-laws.js';
import * as fixtures from './fixtures.js';

const url = new URL('./fixtures.ts', import.meta.url).href;
let cells: Cell[];
beforeAll(async () => {
  cells = [];
  cells.push(
    ...(await runUnit(
      { source: { item: 'fixtures/square', url }, index: 0 },
      { runs: 10, seed: 3 },
      undefined,
      () => 0,
    )),
  );
});

const outcome = (status: Outcome['status']): Outcome => ({
  name: `conv/${status}`,
  op: 'conv',
  tier: 'core',
  status,
  maxAbs: status === 'passed' ? 1e-12 : null,
  bound: status === 'passed' ? 1e-9 : null,
});
const findings = (overrides: Partial<Findings> = {}): Findings => ({
  circumstances: {
    commit: 'abc',
    date: '2026-01-01',
    engine: 'Node',
    simd: 'wasm',
    threads: 2,
    profile: 'quick',
    only: null,
  },
  cells,
  leftOut: [],
  exported: [],
  edgeCases: [{ code: 'C1', holds: 'It holds.', sources: [], tests: [], result: 'passed' }],
  conformance: { reference: ['passed', 'passed', 'skipped'].map((s) => outcome(s as Outcome['status'])) },
  ...overrides,
});

const byLaw = (law: string): Cell => cells.find((cell) => cell.law === law)!;

describe('a cell', () => {
  test('says how a law went', () => {
    expect(cells.map(({ law, status }) => [law, status])).toEqual([
      ['holds', 'held'],
      ['fails', 'failed'],
      ['overlooks a bug', 'survived'],
      ['has no case', 'empty'],
      ['no bug can be planted', 'empty'],
      ['fails as declared', 'known'],
      ['is declared to fail, and holds', 'failed'],
    ]);
  });

  test('carries cases, seed, errors and the fate of the bugs', () => {
    expect(byLaw('holds')).toMatchObject({
      item: 'fixtures/square',
      subject: 'square',
      kind: 'own',
      cases: 10,
      seed: 3,
      worst: { absolute: 0, relative: 0, ulp: 0 },
      kinks: 0,
      mutants: [{ name: 'one more', fate: 'killed', cases: 1 }],
    });
    expect(byLaw('fails').reason).toMatch(/received \d+, expected/);
    expect(byLaw('fails as declared').reason).toBe('nobody is perfect');
  });

  test('can be repeated', () => {
    const words = (profile: string): string => commandOf(byLaw('holds'), profile);
    const only = "--only 'fixtures/square square: holds'";
    expect(words('quick')).toBe(`LEMMATA_LAW_SEED=3 npm run audit -- ${only}`);
    expect(words('nightly')).toBe(`LEMMATA_LAW_SEED=3 npm run audit -- --profile nightly ${only}`);
    expect(commandOf({ ...byLaw('holds'), law: "x's" }, 'quick')).toContain(
      String.raw`'fixtures/square square: x'\''s'`,
    );
  });

  test('whose failure is declared plants no bugs: any of them would seem to be noticed', () => {
    expect(byLaw('fails as declared').mutants).toEqual([]);
  });

  test('whose bug could not be planted in some place is judged by the others', () => {
    const law = fixtures.laws[0]!.laws[0] as Law;
    const report = { law, seed: 1, cases: 5, worst: null, kinks: 0, failure: null };
    const mutant = (fate: 'killed' | 'survived' | 'idle') => ({ name: fate, fate, cases: 1, message: null });
    expect(statusOf({ ...report, mutants: [mutant('idle'), mutant('killed')] }, false)).toBe('held');
    expect(statusOf({ ...report, mutants: [mutant('killed'), mutant('survived')] }, false)).toBe('survived');
    expect(statusOf({ ...report, mutants: [] }, false)).toBe('empty');
  });
});

describe('laws of an op on its kernel', () => {
  const unit = (index: number) => ({ source: { item: 'fixtures/double', url }, index });
  const run = (index: number, ops: readonly string[], checkGuards = (): void => {}): Promise<Cell[]> =>
    runUnit(unit(index), { runs: 3 }, undefined, () => 0, { ops: new Set(ops), checkGuards });

  test('are those of ops that have one', async () => {
    expect((await run(1, ['double'])).map(({ subject, kind, status }) => [subject, kind, status])).toEqual([
      ['double on its kernel', 'kernel', 'held'],
    ]);
    expect(await run(1, ['triple'])).toEqual([]);
    // Of that name, but laws of no op.
    expect(await run(0, ['square'])).toEqual([]);
  });

  test('fail where memory beside the arrays was written to', async () => {
    const [cell] = await run(1, ['double'], () => {
      throw new Error('written beyond the end');
    });
    expect(cell).toMatchObject({ status: 'failed', reason: 'written beyond the end' });
  });
});

test('what is asked for: an item, what lies below it, a subject, or one law', () => {
  const is = (only: string | undefined): boolean => asked(only, 'layers-pool/max-pool', 'maxPool2d', 'commutes');
  const cell = 'layers-pool/max-pool maxPool2d: commutes';
  for (const only of [undefined, 'layers-pool', 'layers-pool/max-pool', 'maxPool2d', 'maxPool2d: commutes', cell])
    expect(is(only), only).toBe(true);
  for (const only of ['layers-po', 'layers-pool/max', 'maxPool', 'commutes', 'maxPool2d: other'])
    expect(is(only), only).toBe(false);
});

test('only the subjects that are asked for are run, by their names on kernels too', async () => {
  const unit = (index: number) => ({ source: { item: 'fixtures/square', url }, index });
  const asks = (only: string | undefined) => Promise.all([0, 1].map((index) => isAsked(unit(index), only)));
  expect(await asks(undefined)).toEqual([true, true]);
  expect(await asks('square: fails')).toEqual([true, false]);
  expect(await asks('double on its kernel')).toEqual([false, true]);
});

describe('a general law', () => {
  const cell = (subject: string, law: string): Cell => ({ ...byLaw('holds'), kind: 'op', subject, law });
  const out = (subject: string, law: string): LeftOutCell => ({ ...cell(subject, law), reason: 'it has none' });
  const both = (): Cell[] => [cell('a', 'gradient'), cell('a', 'values'), cell('b', 'values')];

  test('that is neither applied nor left out for a reason is a gap, and fails', () => {
    const leftOut = [out('a', 'views'), out('b', 'views')];
    expect(gapsOf([...both(), cell('c', 'views'), cell('d', 'values')], leftOut)).toEqual([]);
    const gaps = gapsOf([...both(), cell('c', 'views')], [...leftOut, out('c', 'gradient')]);
    expect(gaps.map(({ subject, law }) => [subject, law])).toEqual([['b', 'gradient']]);
    const head = headOf(findings({ cells: both(), leftOut: [out('b', 'views'), out('c', 'gradient')] }));
    expect([head.empty, head.cells]).toEqual([1, 4]);
    expect(isSound(head)).toBe(false);
  });

  test('is one where it concerns three subjects, though none leaves it out', () => {
    const others = ['c', 'd'].map((subject) => cell(subject, 'values'));
    expect(gapsOf([...both(), ...others], [out('e', 'views')]).map(({ law }) => law)).toEqual(['values']);
  });

  test('that is left out has its reason on the page, in the place of a number', () => {
    const page = auditPage(findings({ cells: both(), leftOut: [out('b', 'gradient')] }));
    expect(page).toContain('<td title="b: gradient. Left out: it has none">·</td>');
    expect(auditPage(findings({ cells: both(), leftOut: [out('b', 'views'), out('c', 'gradient')] }))).toContain(
      'Not applied, and no reason given: fixtures/square b: gradient',
    );
  });

  test('is left out by the laws of a subject, and of its kernel', async () => {
    const unit = { source: { item: 'fixtures/double', url }, index: 1 };
    const left = { item: 'fixtures/double', law: 'is odd', reason: 'it is even' };
    expect(await leftOutOf(unit, null)).toEqual([{ ...left, kind: 'op', subject: 'double' }]);
    expect(await leftOutOf(unit, new Set(['double']))).toEqual([
      { ...left, kind: 'kernel', subject: 'double on its kernel' },
    ]);
    expect(await leftOutOf(unit, new Set())).toEqual([]);
  });
});

describe('findings', () => {
  test('are summed up by numbers that stand first', () => {
    const head = headOf(findings({ exported: [{ item: 'x', kind: 'op', name: 'y' }] }));
    expect(head).toEqual({
      cells: 8,
      empty: 3,
      failed: 3,
      mutants: 4,
      // The law without cases notices none either.
      mutantsSurvived: 2,
      conformance: { passed: 2, failed: 0, skipped: 1 },
      edgeCases: { passed: 1, failed: 0, pending: 0 },
    });
    expect(Object.keys(JSON.parse(toJson(findings()))).slice(0, 7)).toEqual(Object.keys(head));
  });

  test('are sound only if nothing is empty, failed or unnoticed', () => {
    const held = { cells: [byLaw('holds'), byLaw('fails as declared')] };
    expect(isSound(headOf(findings(held)))).toBe(true);
    for (const law of ['fails', 'overlooks a bug', 'has no case', 'no bug can be planted'])
      expect(isSound(headOf(findings({ cells: [byLaw(law)] }))), law).toBe(false);
    expect(isSound(headOf(findings({ ...held, exported: [{ item: 'x', kind: 'op', name: 'y' }] })))).toBe(false);
    const failedCase = findings().edgeCases.map((each) => ({ ...each, result: 'failed' as const }));
    expect(isSound(headOf(findings({ ...held, edgeCases: failedCase })))).toBe(false);
    expect(isSound(headOf(findings({ ...held, conformance: { wasm: [outcome('failed')] } })))).toBe(false);
  });

  test('differ from run to run in the last lines alone', () => {
    const text = (milliseconds: number, commit: string): string[] => {
      const base = findings({ cells: cells.map((cell) => ({ ...cell, milliseconds })) });
      return toJson({ ...base, circumstances: { ...base.circumstances, commit } }).split('\n');
    };
    const [a, b] = [text(1, 'abc'), text(2, 'def')];
    const different = a.flatMap((line, i) => (line === b[i] ? [] : [i]));
    expect(different).toEqual([a.length - 4, a.length - 3]);
    expect(a.filter((line) => line.includes('"law":"holds"')).length).toBe(1);
  });

  test('name what is exported and has no laws: an op by its name, a layer by its folder', () => {
    const exported = [
      { item: 'layers-x', kind: 'op', name: 'square' },
      { item: 'layers-x', kind: 'op', name: 'cube' },
      { item: 'fixtures/square', kind: 'layer', name: 'squareLayer' },
      { item: 'fixtures/cube', kind: 'layer', name: 'cubeLayer' },
      { item: 'fixtures/square', kind: 'loss', name: 'square' },
      { item: 'layers-x', kind: 'kernel', name: 'square' },
      { item: 'fixtures/square', kind: 'optimiser', name: 'square' },
      { item: 'fixtures/square', kind: 'optimiser', name: 'squar' },
      { item: 'fixtures/square', kind: 'architecture', name: 'net' },
    ] as const;
    const kinds = (kind: Cell['kind']): Cell[] => cells.map((cell) => ({ ...cell, kind }));
    const names = (of: readonly Cell[]): string[] =>
      withoutLaws({ exported, cells: of }).map(({ kind, name }) => `${kind} ${name}`);
    expect(names(kinds('op'))).toEqual([
      'op cube',
      'layer squareLayer',
      'layer cubeLayer',
      'kernel square',
      'optimiser squar',
      'architecture net',
    ]);
    expect(names(kinds('layer'))).toEqual([
      'op square',
      'op cube',
      'layer cubeLayer',
      'loss square',
      'kernel square',
      'optimiser squar',
    ]);
    const onKernels = kinds('kernel').map((cell) => ({ ...cell, subject: 'square on its kernel' }));
    expect(names(onKernels)).not.toContain('kernel square');
    const [row] = inventoryOf({ exported: [exported[0]!], cells: kinds('op') });
    const killed = cells.flatMap(({ mutants }) => mutants).filter(({ fate }) => fate === 'killed');
    expect(row).toMatchObject({ kind: 'op', name: 'square', laws: cells.length, killed: killed.length });
  });

  test('become a page with every law on it', () => {
    const page = auditPage(findings());
    for (const { name } of fixtures.laws[0]!.laws) expect(page).toContain(`square: ${name}`);
    expect(page).toContain('<dt id="fixtures-square-square-holds">');
    expect(page).toContain('nobody is perfect');
    expect(page).not.toContain('undefined');
    expect(page).not.toContain('kinks avoided');
  });

  test('say on the page what kinks were left out, and why samples were', () => {
    const skipped = { ...outcome('skipped'), error: 'not supported: conv' };
    const page = auditPage(
      findings({ cells: [{ ...byLaw('holds'), kinks: 3 }], conformance: { reference: [outcome('passed'), skipped] } }),
    );
    expect(page).toContain('3 kinks avoided');
    expect(page).toContain('not supported: conv');
  });

  test('are alike on two pages but for the times, which stand in one place', () => {
    const lines = (milliseconds: number): string[] =>
      auditPage(findings({ cells: cells.map((cell) => ({ ...cell, milliseconds })) })).split('\n');
    const [a, b] = [lines(100), lines(250)];
    const different = a.flatMap((line, i) => (line === b[i] ? [] : [line]));
    expect(different).toHaveLength(1);
    expect(different[0]).toContain('#fixtures-square-square-holds::after{content:"100 ms"}');
    expect(a.length).toBeGreaterThan(30);
  });

  test('count what is exported in words', () => {
    const page = auditPage(findings({ exported: [{ item: 'fixtures/square', kind: 'loss', name: 'square' }] }));
    expect(page).toContain('losses <small>1</small>');
  });
});
