import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rangesOf, triedAgain } from './again.js';
import { mutationPage, reasonOf } from './page.js';
import { REASONS } from './reasons.js';
import {
  changesOf,
  outcomeOf,
  scoreOf,
  trialsOf,
  type Change,
  type FileResult,
  type Result,
  type StrykerReport,
} from './result.js';
import { strict, type Runner } from './strict.js';
import { byHash, lacking, methodRanges, packagesOf, piecesOf, targetOf } from './targets.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const results: Result[] = readdirSync(join(root, 'tools/mutation/results'))
  .filter((file) => file.endsWith('.json'))
  .toSorted()
  .map((file) => JSON.parse(readFileSync(join(root, 'tools/mutation/results', file), 'utf8')));

test('infer and vjp are found where an object has them, from their first letter to their last', () => {
  const text = `const Op = {\n  name: 'op',\n  infer(x) {\n    return x;\n  },\n  vjp: (u) => [u],\n};\nfunction infer() {}\n`;
  expect(methodRanges(text)).toEqual(['3:2-5:3', '6:2-6:17']);
});

test('of ops what says shapes and gradients is changed, of other packages everything, and of tests nothing', () => {
  const places = (name: string): string[] => targetOf(root, name).units.flatMap((unit) => unit.places);
  expect(places('tree')).toContain('packages/tree/src/flatten.ts');
  expect(places('tree').filter((file) => file.includes('.test.'))).toEqual([]);
  const ops = places('layers-pool');
  expect(ops.some((file) => /^packages\/layers-pool\/src\/max-pool\/.*\.ts:\d+:\d+-\d+:\d+$/.test(file))).toBe(true);
  expect(ops.filter((file) => file.includes('laws'))).toEqual([]);
  expect(ops.filter((file) => !file.includes(':'))).toEqual([]);
  expect(places('formats')).toContain('packages/formats/src/stored.ts');
  const whole = ['tree', 'compile', 'layers-activation', 'layers-pool', 'tensor'].map(
    (name) => targetOf(root, name).whole,
  );
  expect(whole).toEqual([true, true, true, false, false]);
});

test('a package is changed in pieces of some lines, or of one file that is longer, and each file once', () => {
  const { units } = targetOf(root, 'random');
  const pieces = piecesOf(units);
  expect(pieces.length).toBeGreaterThan(5);
  expect(pieces.flat()).toEqual(units);
  for (const piece of pieces.filter((each) => each.length > 1)) {
    const lines = piece.map(({ file }) => readFileSync(join(root, file), 'utf8').split('\n').length);
    expect(lines.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(60);
  }
});

test('a slice is of files that were not run, or have changed since', () => {
  const unit = { places: [], lines: 1, text: 'now' };
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ ...unit, file: name }));
  expect(lacking([a!, b!, c!], { a: { text: 'now' }, c: { text: 'then' } })).toEqual([b, c]);
  const { units } = targetOf(root, 'tree');
  expect(new Set(units.map(({ text }) => text)).size).toBe(units.length);
});

test('files come in an order of their own, which others and their texts do not change', () => {
  const names = ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts', 'f.ts'];
  expect(byHash(names).toSorted()).toEqual(names);
  expect(byHash(names)).not.toEqual(names);
  expect(byHash(names.toReversed())).toEqual(byHash(names));
  expect(byHash(names.slice(1))).toEqual(byHash(names).filter((name) => name !== 'a.ts'));
  const files = targetOf(root, 'visualize').units.map(({ file }) => file);
  expect(files).toEqual(byHash(files));
});

const file = 'packages/x/src/a.ts';
const report = (...statuses: readonly string[]): StrykerReport => ({
  files: {
    [file]: {
      source: 'const a =\n  b < c;\n',
      mutants: statuses.map((status) => ({
        mutatorName: 'EqualityOperator',
        replacement: 'b <= c',
        status,
        location: { start: { line: 2, column: 3 }, end: { line: 2, column: 8 } },
      })),
    },
  },
});
const when = { commit: 'abc', date: '2026-01-01' };
const outcome = (...statuses: readonly string[]): Result => ({
  package: 'x',
  whole: false,
  of: 4,
  files: { [file]: { text: '1', ...when, ...outcomeOf(trialsOf(report(...statuses), file)) } },
});

test('the score counts runs that did not end as noticed, and lines that no test reaches as overlooked', () => {
  const result = outcome('Killed', 'Killed', 'Timeout', 'Survived', 'NoCoverage', 'CompileError', 'Ignored');
  expect(scoreOf(result)).toBe(60);
  expect(changesOf(result, 'survivors')[0]).toEqual({ file, line: 2, original: 'b < c', replacement: 'b <= c' });
});

const change = (line: number, original: string, replacement = ''): Change => ({ line, original, replacement });

test('a change is found again by its text, nearest to its line, and equal changes at places of their own', () => {
  const text = 'if (a < b) f(a);\nif (a < b) g(a);\nh(a <\n  b, a === c);\n';
  const found = (...changes: readonly Change[]): (string | undefined)[] => rangesOf(changes, text);
  expect(found(change(1, 'a < b'), change(2, 'a < b'), change(3, 'a < b'))).toEqual(['1:4-1:9', '2:4-2:9', '3:2-4:3']);
  expect(found(change(9, 'a === c'))).toEqual(['4:5-4:12']);
  expect(found(change(2, 'a < b', 'true'), change(2, 'a < b', 'false'))).toEqual(['2:4-2:9', '2:4-2:9']);
  // What is nearest comes first, whatever the order.
  expect(found(change(3, 'g(a)'), change(1, 'a < b'), change(1, 'a < b'))).toEqual(['2:11-2:15', '1:4-1:9', '2:4-2:9']);
  expect(found(change(1, 'a <= b'))).toEqual([undefined]);
});

test('a long text is found by its beginning, to its end', () => {
  const body = '  call();\n'.repeat(20);
  const short = `{ ${'call(); '.repeat(20)}`.slice(0, 100);
  expect(rangesOf([change(1, `${short}…`)], `function f() {\n${body}}\n`)).toEqual(['1:13-22:1']);
});

test('what is tried again moves to where it belongs, with its new line, and what is gone is dropped', () => {
  const survivors = [change(1, 'b < c', 'b <= c'), change(1, 'b < c', 'b >= c'), change(7, 'gone')];
  const before = { text: '1', ...when, killed: 5, timeouts: [change(4, 'i++')], survivors };
  const ranges = ['2:2-2:7', '2:2-2:7', undefined];
  const after = (status: string): object => {
    const trials = trialsOf(report(status), file);
    const { killed, timeouts, survivors: left } = triedAgain(before, ranges, trials, when);
    return { killed, timeouts: timeouts.slice(1), left };
  };
  const moved = [change(2, 'b < c', 'b <= c')];
  expect(after('Killed')).toEqual({ killed: 6, timeouts: [], left: [] });
  expect(after('Timeout')).toEqual({ killed: 5, timeouts: moved, left: [] });
  expect(after('Survived')).toEqual({ killed: 5, timeouts: [], left: moved });
  expect(after('CompileError')).toEqual({ killed: 5, timeouts: [], left: [] });
  // The same change elsewhere is another one.
  expect(triedAgain(before, ['1:0-1:5'], trialsOf(report('Killed'), file), when).killed).toBe(5);
});

test('a test file that cannot be loaded counts as a test that fails', async () => {
  const runner = (state: string, status: number): Runner =>
    strict({
      ctx: { state: { getFiles: () => [{ name: 'a.test.ts', result: { state } }, { name: 'skipped.test.ts' }] } },
      run: () => Promise.resolve({ status: 'complete', tests: [{ id: 't', name: 't', status, timeSpentMs: 1 }] }),
    });
  const failed = async (state: string, status: number): Promise<(string | undefined)[]> =>
    (await runner(state, status).run()).tests!.filter((each) => each.status === 1).map(({ id }) => id);
  expect(await failed('pass', 0)).toEqual([]);
  expect(await failed('fail', 1)).toEqual(['t']);
  expect(await failed('fail', 0)).toEqual(['a.test.ts']);
});

test('the page names what was overlooked, with its reason or that there is none, and timeouts apart', () => {
  const page = mutationPage(['x', 'y'], [outcome('Killed', 'Survived', 'Timeout')]);
  expect(page).toContain('| `y` | not run yet | | | | | |\n');
  expect(page).toContain('| `x` | `infer` and `vjp`, 1 of 4 files | 66.7 % | 1 | 1 | 1 | 2026‑01‑01, abc |');
  expect(page).toContain('## Overlooked in x\n');
  expect(page).toContain('| a.ts:2 | `` b < c `` | `` b <= c `` | no reason: a test is missing |');
  expect(page).toContain(
    '## Timeouts in x\n\n| place | is | was made |\n|---|---|---|\n| a.ts:2 | `` b < c `` | `` b <= c `` |',
  );
});

test('the page says from when to when a package was run, and when what it overlooked was tried again', () => {
  const { files, ...result } = outcome('Killed');
  const [first] = Object.values(files);
  const later = { ...first!, date: '2026-02-01', commit: 'def', again: { date: '2026-03-01', commit: 'ghi' } };
  const row = (...each: readonly (typeof later | FileResult)[]): string =>
    mutationPage(['x'], [{ ...result, files: Object.fromEntries(each.entries()) }]);
  expect(row(first!, first!)).toContain('| 2026‑01‑01, abc |');
  expect(row(later, first!)).toContain('| 2026‑01‑01 to 2026‑02‑01, 2 commits; overlooked: 2026‑03‑01, ghi |');
});

test('every reason is of a change that the last run overlooked', () => {
  const survivors = results.flatMap((each) => changesOf(each, 'survivors'));
  const run = REASONS.filter(({ file }) => results.some((each) => file.startsWith(`${each.package}/`)));
  for (const each of run)
    expect(
      survivors.some((survivor) => reasonOf(survivor) === each.reason),
      each.reason,
    ).toBe(true);
});

test('docs/mutation.md is what the results say', () => {
  expect(existsSync(join(root, 'docs/mutation.md'))).toBe(true);
  expect(readFileSync(join(root, 'docs/mutation.md'), 'utf8')).toBe(mutationPage(packagesOf(root), results));
});
