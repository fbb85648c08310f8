import { parentPort, workerData } from 'node:worker_threads';
import type { Profile } from '@lemmata/laws';
import { runUnit, type Unit } from './run-laws.js';

/** What the pool tells its threads at their start. */
export interface WorkerTask {
  readonly profile: Partial<Profile>;
  readonly only: string | undefined;
}

const { profile, only } = workerData as WorkerTask;

parentPort!.on('message', (unit: Unit) => {
  const answer = runUnit(unit, profile, only, () => performance.now()).then(
    (cells) => ({ cells }),
    (error: unknown) => ({ error: String((error as Error)?.stack ?? error) }),
  );
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  void answer.then((message) => parentPort!.postMessage(message));
});
