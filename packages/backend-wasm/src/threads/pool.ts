import { SCALAR_FUNCTIONS, type ScalarFnName } from '@lemmata/tensor';
import { nodeModule, relaxedSimdFlag } from '../features.js';
import type { Heap } from '../memory/heap.js';
import { CONTROL, CONTROL_BYTES } from './replay.js';
import { WORKER_SOURCE } from './worker-source.js';

/** Where the list of modules starts, behind the words that threads share. */
const FIRST = CONTROL_BYTES;
/** Rounds of waiting after which a thread counts as dead: about a minute, asleep or awake. */
const PATIENCE = { asleep: 6000, awake: 2_000_000 };

/** What the pool needs of a worker of Node or of a browser. */
interface WorkerLike {
  readonly terminate: () => unknown;
  readonly unref?: () => void;
}

const names = Object.keys(SCALAR_FUNCTIONS) as ScalarFnName[];

/** Whether workers have this scalar function: they know those of `Math`, and no definitions of this package. */
export function knownToWorkers(name: ScalarFnName): boolean {
  return SCALAR_FUNCTIONS[name].value === (Math as unknown as Record<string, unknown>)[name];
}

/** The threads beside the first: started when there is the first work for them, ready some milliseconds later. */
export class Pool {
  readonly control: number;
  /** Whether this thread may sleep while it waits: not that of a page. */
  readonly maySleep: boolean;
  private readonly heap: Heap;
  private readonly warn: (message: string) => void;
  private readonly workers: WorkerLike[] = [];
  private readonly words: Int32Array;
  private readonly replayBytes: Uint8Array;
  private lastModule: number;
  private count: number;
  private started = false;

  constructor(
    heap: Heap,
    count: number,
    replayBytes: Uint8Array,
    reserve: (bytes: number, name: string) => number,
    warn: (message: string) => void,
  ) {
    this.heap = heap;
    this.warn = warn;
    this.count = count;
    this.replayBytes = replayBytes;
    this.control = reserve(CONTROL_BYTES + 4, 'words of threads');
    this.words = new Int32Array(heap.current, this.control, CONTROL_BYTES / 4 + 1);
    this.words.fill(0);
    this.lastModule = this.control + FIRST;
    this.maySleep = (globalThis as { readonly document?: unknown }).document === undefined;
    this.words[CONTROL.patience / 4] = this.maySleep ? PATIENCE.asleep : PATIENCE.awake;
  }

  /** How many threads work: this one alone until all others are there. */
  get threads(): number {
    return this.started && this.count > 1 && Atomics.load(this.words, CONTROL.ready / 4) === this.count - 1
      ? this.count
      : 1;
  }

  /** Starts the workers, if that has not been done; `scratch` gives each its own. */
  start(scratch: () => number): void {
    if (this.started || this.count === 1) return;
    this.started = true;
    for (let thread = 1; thread < this.count; thread++) {
      const data = this.dataFor(thread, scratch());
      try {
        this.workers.push(startWorker(data, (reason) => this.bury(reason)));
      } catch (error) {
        this.bury(error instanceof Error ? error.message : String(error));
        return;
      }
    }
  }

  /** Makes a module known to all workers: `count` kernels, exported by number. */
  publish(bytes: Uint8Array, count: number, reserve: (bytes: number, name: string) => number): void {
    const at = reserve(12 + bytes.length, 'a module');
    new Int32Array(this.heap.current, at, 3).set([0, bytes.length, count]);
    new Uint8Array(this.heap.current, at + 12, bytes.length).set(bytes);
    new Int32Array(this.heap.current, this.lastModule, 1)[0] = at;
    this.lastModule = at;
    Atomics.add(this.words, CONTROL.modules / 4, 1);
  }

  /** @throws Error if a worker has died; from then on this thread works alone. */
  check(): void {
    if (this.count === 1 || Atomics.load(this.words, CONTROL.dead / 4) === 0) return;
    const reason = this.reason ?? 'it failed, or did not answer for a minute';
    this.stop();
    throw new Error(
      `wasm: a worker thread has died (${reason}); what was being computed is lost. The backend goes on with one thread`,
    );
  }

  /** Ends the workers; this thread works alone from then on. */
  stop(): void {
    this.count = 1;
    Atomics.store(this.words, CONTROL.dead / 4, 1);
    Atomics.notify(this.words, CONTROL.go / 4);
    for (const worker of this.workers.splice(0)) worker.terminate();
  }

  private reason: string | null = null;

  private bury(reason: string): void {
    if (this.count === 1) return;
    if (this.threads === 1) {
      // It never worked, as where a policy forbids it: nothing is lost.
      this.stop();
      this.warn(`wasmBackend: no worker could be started (${reason}); everything runs on one thread`);
      return;
    }
    this.reason = reason;
    Atomics.store(this.words, CONTROL.dead / 4, 1);
  }

  private dataFor(thread: number, scratch: number): Record<string, unknown> {
    return {
      memory: this.heap.memory,
      control: this.control,
      offsets: { ...CONTROL, first: FIRST },
      thread,
      scratch,
      replay: this.replayBytes,
      native: names.filter(knownToWorkers),
      foreign: names.filter((name) => !knownToWorkers(name)),
      flags: relaxedSimdFlag(),
    };
  }
}

/** Threads to use if nothing is said: one for each core. */
export function availableThreads(): number {
  const os = nodeModule<{ availableParallelism(): number }>('os');
  return (
    os?.availableParallelism() ??
    (globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ??
    1
  );
}

/** Ends with the process, and does not keep it alive. */
function startWorker(data: Record<string, unknown>, onDeath: (reason: string) => void): WorkerLike {
  const node = nodeModule<{ Worker: new (source: string, options: object) => NodeWorker }>('worker_threads');
  if (node !== null) {
    const worker = new node.Worker(WORKER_SOURCE, { eval: true, workerData: data, stdin: false });
    worker.on('error', (error) => onDeath(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => onDeath(`it ended with code ${String(code)}`));
    worker.unref();
    return worker;
  }
  const url = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: 'text/javascript' }));
  const worker = new Worker(url);
  // A worker that is not even loaded says nothing.
  const unsaid = 'it was not loaded, which a policy of the page may forbid';
  worker.addEventListener('error', ({ message = unsaid }) => onDeath(message));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  worker.postMessage(data);
  URL.revokeObjectURL(url);
  return worker;
}

interface NodeWorker extends WorkerLike {
  readonly unref: () => void;
  on(event: 'error' | 'exit', listener: (what: unknown) => void): void;
}
