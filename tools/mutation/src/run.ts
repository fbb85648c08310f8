import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { writeConfig } from './copy.js';
import type { StrykerReport } from './result.js';

/**
 * Changes places of a package, `file` or `file:line:column-line:column`, in a copy of the repository, which is the current folder,
 * and runs these tests for each change.
 */
export async function mutate(
  copy: string,
  name: string,
  places: readonly string[],
  { tests, concurrency }: { tests: readonly string[]; concurrency: number },
): Promise<StrykerReport> {
  // Of the law kit, its laws are judged, by all their cases and by the bugs that they plant. To other code these bugs say nothing,
  // and what a third of the cases notices, all notice.
  if (name !== 'laws') {
    process.env['LEMMATA_LAW_MUTANTS'] = '0';
    process.env['LEMMATA_LAW_RUNS'] ??= '10';
  }
  const fileName = join(copy, 'mutation-report.json');
  await new Stryker({
    testRunner: 'vitest',
    plugins: [import.meta.resolve('./runner.js')],
    vitest: { configFile: writeConfig(copy, tests, name === 'backend-wasm'), related: false },
    mutate: [...places],
    // None: it would be rewritten by a compiler that is not there.
    tsconfigFile: 'none.json',
    inPlace: true,
    concurrency,
    timeoutMS: 10_000,
    coverageAnalysis: 'perTest',
    reporters: ['progress-append-only', 'json'],
    jsonReporter: { fileName },
  }).runMutationTest();
  return JSON.parse(readFileSync(fileName, 'utf8'));
}
