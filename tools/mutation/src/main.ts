#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyRepository } from './copy.js';
import { forgetOverlooked } from './memory.js';
import { ASKED, mutationPage, reasonOf } from './page.js';
import { resultOf, scoreOf, type Result } from './result.js';
import { mutate } from './run.js';
import { packagesOf, targetOf, CORE } from './targets.js';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));

const usage = `usage: npm run mutation -- [PACKAGE …] [--slice N] [--again] [--concurrency N]
       npm run mutation -- --page

Changes the sources of packages in small ways and counts the changes that their tests notice: infer and vjp
of layers, losses and the core's ops, all lines of other packages; if none is named, of ${CORE.join(', ')}. Keeps the outcome in
tools/mutation/results and writes docs/mutation.md. What has not changed since the last run is not run again, and a run that
was stopped goes on; --slice stops after N pieces of some sixty lines; --again tries again what was overlooked. --page writes the page alone.`;

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
    const result = await run(name, { concurrency, slice, again: values.again });
    writeFileSync(join(here, 'results', `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
    writePage();
    const score = scoreOf(result);
    const open = result.survivors.filter((change) => reasonOf(change) === undefined);
    console.log(
      `${name}: ${score.toFixed(1)} %, ${result.survivors.length} overlooked, ${open.length} of them without a reason`,
    );
    if (score < ASKED) failed++;
  }
  if (values.page) writePage();
  return failed === 0 ? 0 : 1;
}

async function run(
  name: string,
  { concurrency, slice, again }: { concurrency: number; slice: number; again: boolean },
): Promise<Result> {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
  const circumstances = {
    commit: git('rev-parse', '--short', 'HEAD'),
    date: git('log', '-1', '--format=%cs'),
    whole: targetOf(root, name).whole,
  };
  const copy = copyRepository(root);
  const before = process.cwd();
  try {
    process.chdir(copy);
    const memory = join(root, 'node_modules', '.cache', 'mutation', `${name}.json`);
    if (again) forgetOverlooked(memory);
    const { report, pieces } = await mutate(copy, name, { concurrency, memory, slice });
    return resultOf(name, { ...circumstances, pieces }, report);
  } finally {
    process.chdir(before);
    rmSync(copy, { recursive: true, force: true });
  }
}

function writePage(): void {
  writeFileSync(join(root, 'docs', 'mutation.md'), mutationPage(packagesOf(root), readResults()));
}

function readResults(): Result[] {
  return readdirSync(join(here, 'results'))
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(here, 'results', file), 'utf8')));
}

process.exitCode = await main().catch((error: Error) => {
  console.error(`mutation: ${error.message}`);
  return 2;
});
