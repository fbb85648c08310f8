import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { writeConfig } from './copy.js';
import { Progress } from './memory.js';
import { reportOn, type Share, type StrykerReport } from './result.js';
import { targetOf } from './targets.js';

/**
 * Changes a package in a copy of the repository, which is the current folder, and runs its tests for each change.
 *
 * @param memory A file in which the outcomes are kept, piece by piece: what has not changed since is not run again.
 * @param slice So many pieces are run at most; the next run goes on with the others.
 */
export async function mutate(
  copy: string,
  name: string,
  { concurrency, memory, slice }: { concurrency: number; memory: string; slice: number },
): Promise<{ report: StrykerReport; pieces: Share }> {
  const { pieces, tests, folders } = targetOf(copy, name);
  mkdirSync(dirname(memory), { recursive: true });
  // Of the law kit, its laws are judged, by all their cases and by the bugs that they plant. To other code these bugs say nothing,
  // and what a third of the cases notices, all notice.
  if (name !== 'laws') {
    process.env['LEMMATA_LAW_MUTANTS'] = '0';
    process.env['LEMMATA_LAW_RUNS'] ??= '10';
  }
  const progress = new Progress(
    memory,
    folders.map((folder) => join(copy, folder)),
  );
  for (const piece of pieces.filter((each) => !progress.has(each)).slice(0, slice)) {
    await new Stryker({
      testRunner: 'vitest',
      plugins: [import.meta.resolve('./runner.js')],
      vitest: { configFile: writeConfig(copy, tests, name === 'backend-wasm'), related: false },
      mutate: [...piece],
      // None: it would be rewritten by a compiler that is not there.
      tsconfigFile: 'none.json',
      inPlace: true,
      incremental: true,
      incrementalFile: memory,
      concurrency,
      timeoutMS: 10_000,
      coverageAnalysis: 'perTest',
      reporters: ['progress-append-only'],
    }).runMutationTest();
    progress.add(piece);
  }
  const done = pieces.filter((piece) => progress.has(piece));
  const report = reportOn(done.flat(), JSON.parse(readFileSync(memory, 'utf8')));
  return { report, pieces: { done: done.length, of: pieces.length } };
}
