/** `first-convolution.js PEER THREADS BACKEND TASK`: says so when the convolution is done, and loads no more than it needs. */
import type { BackendId, PeerId } from './ids.js';
import type { ConvTask } from './task.js';

const [peer, threads, backend, task] = process.argv.slice(2) as [PeerId, string, BackendId, string];
const say = (message: string): void => void process.stdout.write(`${message}\n`);
console.log = console.info = console.error;
try {
  if (peer === 'lemmata') {
    await (await import('./peers/lemmata-first.js')).firstConvolution(
      JSON.parse(task) as ConvTask,
      Number(threads),
      backend,
    );
  } else {
    const { openAdapter } = await import('./peers/open.js');
    const { call } = await (await openAdapter(peer, Number(threads))).prepare(JSON.parse(task) as ConvTask);
    await call();
  }
  say('done');
} catch (error) {
  say(`error ${error instanceof Error ? error.message : String(error)}`);
}
process.exit(0);
