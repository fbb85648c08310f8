#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyRepository } from './copy.js';
import { rangesOf, triedAgain } from './again.js';
import { ASKED, mutationPage, reasonOf } from './page.js';
import { changesOf, outcomeOf, scoreOf, trialsOf, type FileResult, type Result, type Run } from './result.js';
import { mutate } from './run.js';
import { packagesOf, lacking, piecesOf, targetOf, CORE } from './targets.js';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));

const usage = `usage: npm run mutation -- [PACKAGE …] [--slice N] [--again] [--concurrency N]
       npm run mutation -- --page

Changes the sources of packages in small ways and counts the changes that their tests notice: infer and vjp
of layers, losses and the core's ops, all lines of other packages; if none is named, of ${CORE.join(', ')}. Keeps the outcome in
tools/mutation/results, a piece of some sixty lines at a time, and writes docs/mutation.md. --slice runs N pieces alone, of files
that were not run yet, or have changed since; --again tries again what was overlooked; --page writes the page alone.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      again: { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '1' },
      slice: { type: 'string', default: 'Infinity' },
      page: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  for (const name of positionals)
    if (!existsSync(join(root, 'packages', name, 'src'))) throw new Error(`there is no package '${name}'`);
  const [concurrency, slice] = (['concurrency', 'slice'] as const).map((option) => {
    const number = Number(values[option]);
    if (!(number >= 1)) throw new Error(`--${option}: expected a number from 1 on, received '${values[option]}'`);
    return number;
  }) as [number, number];
  const names = values.page ? [] : positionals.length > 0 ? positionals : CORE;
  let failed = 0;
  for (const name of names) {
    await inCopy((copy) => (values.again ? again(copy, name, concurrency) : run(copy, name, { concurrency, slice })));
    const result = readResult(name);
    const [score, survivors] = [scoreOf(result), changesOf(result, 'survivors')];
    const open = survivors.filter((change) => reasonOf(change) === undefined);
    console.log(
      `${name}: ${score.toFixed(1)} %, ${survivors.length} overlooked, ${open.length} of them without a reason`,
    );
    if (score < ASKED) failed++;
  }
  if (values.page) writePage();
  return failed === 0 ? 0 : 1;
}

/** Runs all pieces of a package, or so many of those that its result lacks, and keeps the outcome of each. */
async function run(
  copy: string,
  name: string,
  { concurrency, slice }: { concurrency: number; slice: number },
): Promise<void> {
  const { whole, units, tests } = targetOf(copy, name);
  const files: Record<string, FileResult> = existsSync(resultFile(name)) ? { ...readResult(name).files } : {};
  const wanted = slice === Infinity ? units : lacking(units, files);
  for (const piece of piecesOf(wanted).slice(0, slice)) {
    const places = piece.flatMap((unit) => unit.places);
    const report = await mutate(copy, name, places, { tests, concurrency });
    for (const { file, text } of piece) files[file] = { text, ...now(), ...outcomeOf(trialsOf(report, file)) };
    const kept = units.flatMap(({ file }) => (files[file] === undefined ? [] : [[file, files[file]]]));
    keep({ package: name, whole, of: units.length, files: Object.fromEntries(kept) });
  }
}

/** Tries again, where they stand now, the changes that the result of a package lists as overlooked. */
async function again(copy: string, name: string, concurrency: number): Promise<void> {
  const result = readResult(name);
  const { tests } = targetOf(copy, name);
  const places = Object.entries(result.files)
    .filter(([, { survivors }]) => survivors.length > 0)
    .map(([file, each]) => {
      const text = existsSync(join(copy, file)) ? readFileSync(join(copy, file), 'utf8') : '';
      return { file, each, ranges: rangesOf(each.survivors, text) };
    });
  const all = places.flatMap(({ file, ranges }) =>
    ranges.flatMap((range) => (range === undefined ? [] : [`${file}:${range}`])),
  );
  const report = all.length === 0 ? { files: {} } : await mutate(copy, name, [...new Set(all)], { tests, concurrency });
  const files: [string, FileResult][] = places.map(({ file, each, ranges }) => [
    file,
    triedAgain(each, ranges, trialsOf(report, file), now()),
  ]);
  keep({ ...result, files: { ...result.files, ...Object.fromEntries(files) } });
}

/** Does something in an installed copy of the repository, as the current folder. */
async function inCopy(act: (copy: string) => Promise<void>): Promise<void> {
  const before = process.cwd();
  const copy = copyRepository(root);
  try {
    process.chdir(copy);
    await act(copy);
  } finally {
    process.chdir(before);
    rmSync(copy, { recursive: true, force: true });
  }
}

function now(): Run {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
  return { commit: git('rev-parse', '--short', 'HEAD'), date: git('log', '-1', '--format=%cs') };
}

function resultFile(name: string): string {
  return join(here, 'results', `${name}.json`);
}

function readResult(name: string): Result {
  return JSON.parse(readFileSync(resultFile(name), 'utf8'));
}

function keep(result: Result): void {
  writeFileSync(resultFile(result.package), `${JSON.stringify(result, null, 2)}\n`);
  writePage();
}

function writePage(): void {
  writeFileSync(join(root, 'docs', 'mutation.md'), mutationPage(packagesOf(root), readResults()));
}

function readResults(): Result[] {
  return readdirSync(join(here, 'results'))
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => readResult(file.slice(0, -'.json'.length)));
}

process.exitCode = await main().catch((error: Error) => {
  console.error(`mutation: ${error.message}`);
  return 2;
});
