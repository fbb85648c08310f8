import { parentPort, workerData } from 'node:worker_threads';
import type { Profile } from '@lemmata/laws';
import type { Cell } from './cell.js';
import { onKernels } from './kernels.js';
import { runUnit, type Unit } from './run-laws.js';

/** What the pool tells its threads at their start. */
export interface WorkerTask {
  readonly profile: Partial<Profile>;
  readonly only: string | undefined;
  /** The root of the repository, where laws of ops are to run on their kernels. */
  readonly onKernelsOf?: string;
}

const { profile, only, onKernelsOf } = workerData as WorkerTask;
const kernels = onKernelsOf === undefined ? null : onKernels(onKernelsOf);

async function run(unit: Unit): Promise<readonly Cell[]> {
  return runUnit(unit, profile, only, () => performance.now(), await kernels);
}

parentPort!.on('message', (unit: Unit) => {
  const answer = run(unit).then(
    (cells) => ({ cells }),
    (error: unknown) => ({ error: String((error as Error)?.stack ?? error) }),
  );
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  void answer.then((message) => parentPort!.postMessage(message));
});
