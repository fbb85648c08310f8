import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { forgetOverlooked, Progress } from './memory.js';
import { mutationPage, reasonOf } from './page.js';
import { REASONS } from './reasons.js';
import { reportOn, resultOf, scoreOf, type Result, type StrykerReport } from './result.js';
import { strict, type Runner } from './strict.js';
import { methodRanges, packagesOf, targetOf } from './targets.js';

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
  const all = targetOf(root, 'tree').pieces.flat();
  expect(all).toContain('packages/tree/src/flatten.ts');
  expect(all.filter((file) => file.includes('.test.'))).toEqual([]);
  const ops = targetOf(root, 'layers-pool').pieces.flat();
  expect(ops.some((file) => /^packages\/layers-pool\/src\/max-pool\/.*\.ts:\d+:\d+-\d+:\d+$/.test(file))).toBe(true);
  expect(ops.filter((file) => file.includes('laws'))).toEqual([]);
  expect(ops.filter((file) => !file.includes(':'))).toEqual([]);
  expect(targetOf(root, 'formats').pieces.flat()).toContain('packages/formats/src/stored.ts');
  const whole = ['tree', 'compile', 'layers-activation', 'layers-pool', 'tensor'].map(
    (name) => targetOf(root, name).whole,
  );
  expect(whole).toEqual([true, true, true, false, false]);
});

test('a package is changed in pieces of some lines, or of one file that is longer', () => {
  const { pieces } = targetOf(root, 'random');
  expect(pieces.length).toBeGreaterThan(5);
  expect(pieces.filter((files) => files.includes('packages/random/src/threefry.ts'))).toHaveLength(1);
  for (const files of pieces.filter((each) => each.length > 1)) {
    const lines = files.map((file) => readFileSync(join(root, file), 'utf8').split('\n').length);
    expect(lines.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(60);
  }
});

const report = (...statuses: readonly string[]): StrykerReport => ({
  files: {
    'packages/x/src/a.ts': {
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
const outcome = (...statuses: readonly string[]): Result =>
  resultOf('x', { commit: 'abc', date: '2026-01-01', whole: false, pieces: { done: 3, of: 4 } }, report(...statuses));

test('the score counts runs that did not end as noticed, and lines that no test reaches as overlooked', () => {
  const result = outcome('Killed', 'Killed', 'Timeout', 'Survived', 'NoCoverage', 'CompileError', 'Ignored');
  expect(scoreOf(result)).toBe(60);
  expect(result.survivors[0]).toEqual({
    file: 'packages/x/src/a.ts',
    line: 2,
    original: 'b < c',
    replacement: 'b <= c',
  });
});

test('of a memory, that alone counts which the pieces of this run reach', () => {
  const killed = (...places: readonly string[]): number =>
    Object.values(reportOn(places, report('Killed')).files)[0]!.mutants.length;
  expect(killed('packages/x/src/a.ts')).toBe(1);
  expect(killed('packages/x/src/b.ts', 'packages/x/src/a.ts:1:0-2:9')).toBe(1);
  for (const place of ['packages/x/src/b.ts', 'packages/x/src/a.ts:1:0-1:9', 'packages/x/src/a.ts:3:2-4:1'])
    expect(killed(place)).toBe(0);
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

test('what was overlooked is forgotten where it is asked for again, and the rest is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mutation-'));
  const memory = join(folder, 'x.json');
  forgetOverlooked(memory);
  expect(existsSync(memory)).toBe(false);
  writeFileSync(memory, JSON.stringify(report('Killed', 'Survived', 'NoCoverage', 'Timeout')));
  forgetOverlooked(memory);
  expect(JSON.parse(readFileSync(memory, 'utf8'))).toEqual(report('Killed'));
  rmSync(folder, { recursive: true });
});

test('a piece that is done stays so until a file changes, or is asked for again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mutation-'));
  const [memory, sources] = [join(folder, 'x.json'), join(folder, 'src')];
  mkdirSync(sources);
  writeFileSync(memory, JSON.stringify(report('Killed')));
  writeFileSync(join(sources, 'a.ts'), '1');
  const done = (): boolean => new Progress(memory, [sources]).has(['a.ts', 'b.ts']);
  expect(done()).toBe(false);
  new Progress(memory, [sources]).add(['a.ts', 'b.ts']);
  expect(done()).toBe(true);
  writeFileSync(join(sources, 'a.ts'), '2');
  expect(done()).toBe(false);
  new Progress(memory, [sources]).add(['a.ts', 'b.ts']);
  forgetOverlooked(memory);
  expect(done()).toBe(false);
  rmSync(folder, { recursive: true });
});

test('the page names what was overlooked, with its reason or that there is none, and timeouts apart', () => {
  const page = mutationPage(['x', 'y'], [outcome('Killed', 'Survived', 'Timeout')]);
  expect(page).toContain('| `y` | not run yet | | | | | |\n');
  expect(page).toContain('| `x` | `infer` and `vjp`, 3 of 4 pieces | 66.7 % | 1 | 1 | 1 | 2026‑01‑01, abc |');
  expect(page).toContain('## Overlooked in x\n');
  expect(page).toContain('| a.ts:2 | `` b < c `` | `` b <= c `` | no reason: a test is missing |');
  expect(page).toContain(
    '## Timeouts in x\n\n| place | is | was made |\n|---|---|---|\n| a.ts:2 | `` b < c `` | `` b <= c `` |',
  );
});

test('every reason is of a change that the last run overlooked', () => {
  const survivors = results.flatMap((each) => each.survivors);
  const run = REASONS.filter(({ file }) => results.some((each) => file.startsWith(`${each.package}/`)));
  for (const each of run)
    expect(
      survivors.some((change) => reasonOf(change) === each.reason),
      each.reason,
    ).toBe(true);
});

test('docs/mutation.md is what the results say', () => {
  expect(existsSync(join(root, 'docs/mutation.md'))).toBe(true);
  expect(readFileSync(join(root, 'docs/mutation.md'), 'utf8')).toBe(mutationPage(packagesOf(root), results));
});
