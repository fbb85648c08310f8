import { Worker } from 'node:worker_threads';
import type { Cell } from './cell.js';
import type { Unit } from './run-laws.js';
import type { WorkerTask } from './worker.js';

type Answer = { readonly cells: readonly Cell[] } | { readonly error: string };

/** Runs units on so many threads; cells come back in the order of the units, whoever was first. */
export async function runUnits(
  units: readonly Unit[],
  task: WorkerTask,
  threads: number,
  progress: (done: number) => void,
): Promise<Cell[]> {
  const results: (readonly Cell[])[] = [];
  let next = 0;
  let done = 0;
  const serve = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: task });
      let at = -1;
      const give = (): void => {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
        if (next < units.length) worker.postMessage(units[(at = next++)]!);
        else void worker.terminate().then(() => resolve());
      };
      worker.on('error', reject);
      worker.on('message', (answer: Answer) => {
        if ('error' in answer) {
          void worker.terminate();
          reject(new Error(`${units[at]!.source.item}: ${answer.error}`));
          return;
        }
        results[at] = answer.cells;
        progress(++done);
        give();
      });
      give();
    });
  await Promise.all(Array.from({ length: Math.min(threads, units.length) }, serve));
  return results.flat();
}
