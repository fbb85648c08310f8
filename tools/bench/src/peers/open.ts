import type { BackendId, PeerId } from '../ids.js';
import type { Adapter, Open, Prepared, Task } from '../task.js';

/** A side as the worker sees it. */
export interface OpenSide {
  readonly engine: string;
  prepare(request: {
    readonly task?: Task | undefined;
    readonly workload: string;
    readonly part: string;
  }): Prepared | Promise<Prepared>;
}

/** The adapters that run in Node, each loaded only in the process that needs it. */
const adapters: Readonly<Partial<Record<PeerId, () => Promise<{ open: Open }>>>> = {
  'tfjs-wasm': () => import('./tfjs-wasm.js'),
  jax: () => import('./jax.js'),
  'ort-web': () => import('./ort-web.js'),
  'ort-node': () => import('./ort-node.js'),
};

/** Loads a side into this process. Throws where it is missing or cannot do so many threads. */
export async function openPeer(peer: PeerId, threads: number, backend: BackendId): Promise<OpenSide> {
  if (peer === 'lemmata') return (await import('./lemmata.js')).openLemmata(threads, backend);
  return fromTasks(await openAdapter(peer, threads));
}

/** Loads a peer into this process. */
export async function openAdapter(peer: PeerId, threads: number): Promise<Adapter> {
  const load = adapters[peer];
  if (load === undefined) throw new Error(`${peer} does not run in Node`);
  return (await load()).open(threads);
}

function fromTasks(adapter: Adapter): OpenSide {
  return {
    engine: adapter.engine,
    prepare({ task, workload }) {
      if (task === undefined) throw new Error(`${workload} has no task for a peer`);
      return adapter.prepare(task);
    },
  };
}
