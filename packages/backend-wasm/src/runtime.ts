import { kernelImports, kernelModule, type KernelCode, type Stage } from './code.js';
import type { Features } from './features.js';
import type { Heap } from './memory/heap.js';
import { Refusals, type Refusal } from './refusals.js';
import { knownToWorkers, Pool } from './threads/pool.js';
import { BARRIER, COMMAND_WORDS, PARALLEL, PLACE_SHIFT, replayModule } from './threads/replay.js';

export type KernelFunction = (args: number, begin: number, end: number) => void;

interface ReplayExports {
  replay(control: number, list: number, count: number, thread: number, threads: number, maySleep: number): void;
  dispatch?(control: number, list: number, count: number, threads: number): void;
}

/** Room for the commands and arguments of stages that run at once, in words. */
const TRANSIENT_WORDS = 16_384;
/** Nanoseconds of work from which on threads share it: what waking and waiting costs must not matter. */
export const WORTH_SHARING = 50_000;

/** Kernels as functions of one memory, and lists of them that run without a call from JavaScript in between. */
export class Runtime {
  readonly heap: Heap;
  private readonly relaxed: boolean;
  private readonly table: WebAssembly.Table;
  private readonly functions: KernelFunction[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly known = new WeakMap<KernelCode, number>();
  private readonly imports: WebAssembly.Imports;
  private readonly engine: ReplayExports;
  private readonly transient: Int32Array;
  private readonly refusals: Refusals;
  /** Null where there is one thread. */
  readonly pool: Pool | null;

  constructor(heap: Heap, features: Features, threads: number, warn: (message: string) => void = console.warn) {
    this.heap = heap;
    this.relaxed = features.relaxedSimd;
    this.table = new WebAssembly.Table({ initial: 0, element: 'anyfunc' });
    this.refusals = new Refusals(heap);
    this.imports = kernelImports(heap.memory, this.scratch());
    this.transient = this.commands(TRANSIENT_WORDS);
    const bytes = replayModule(heap.type);
    this.engine = instantiate(bytes, { env: { memory: heap.memory, table: this.table } }) as unknown as ReplayExports;
    this.pool = threads > 1 ? new Pool(heap, threads, bytes, this.reserve, warn) : null;
  }

  /** Memory that is kept. */
  readonly reserve = (bytes: number, name: string): number => {
    const address = this.heap.take(bytes, name);
    if (address === null) throw this.heap.shortage(name, bytes);
    return address;
  };

  /** Memory of commands. It may have to grow first, into a buffer of another length. */
  private commands(words: number): Int32Array {
    const at = this.reserve(4 * words, 'commands');
    return new Int32Array(this.heap.current, at, words);
  }

  private readonly scratch = (): number => this.refusals.scratch(this.reserve);

  /** Compiles what is not compiled yet, as one module. */
  load(codes: readonly KernelCode[]): void {
    const missing = new Map<string, KernelCode>();
    for (const code of codes) {
      if (this.known.has(code)) continue;
      const number = this.numbers.get(code.name);
      if (number === undefined) missing.set(code.name, code);
      else this.known.set(code, number);
    }
    if (missing.size === 0) return;
    const all = [...missing.values()];
    const bytes = kernelModule(all, this.heap.type, this.relaxed);
    const exports = instantiate(bytes, this.imports);
    const first = this.table.grow(all.length);
    all.forEach((code, i) => {
      const kernel = exports[String(i)] as KernelFunction;
      this.table.set(first + i, kernel);
      this.functions[first + i] = kernel;
      this.numbers.set(code.name, first + i);
    });
    for (const code of codes) this.known.set(code, this.numbers.get(code.name)!);
    this.pool?.publish(bytes, all.length, this.reserve);
  }

  /** A kernel, to be called from JavaScript. */
  functionOf(code: KernelCode): KernelFunction {
    this.load([code]);
    return this.functions[this.known.get(code)!];
  }

  /** Runs stages at once. */
  execute(stages: readonly Stage[]): void {
    this.load(stages.map(({ code }) => code));
    const words = this.transient;
    if (this.pool !== null && stages.some((stage) => stage.beside !== undefined || this.shared(stage))) {
      if (listWords(stages) <= words.length) {
        const list = this.write(stages, words);
        list.run(0, stages.length);
      } else for (const stage of stages) this.execute([stage]);
      return;
    }
    for (const { code, args, extent, refusal } of stages) {
      const { fields } = code;
      for (let i = 0; i < fields.length; i++) words[i] = args[fields[i]];
      this.functions[this.known.get(code)!](words.byteOffset, 0, extent);
      if (refusal !== undefined) this.refusals.check(() => refusal);
    }
  }

  /** Stages as a list of commands in memory that is kept. */
  list(stages: readonly Stage[]): CommandList {
    this.load(stages.map(({ code }) => code));
    return this.write(stages, this.commands(listWords(stages)));
  }

  private write(stages: readonly Stage[], words: Int32Array): CommandList {
    const at = words.byteOffset;
    let next = COMMAND_WORDS * stages.length;
    let before = false;
    const refusals = new Map<number, Refusal>();
    const shared = stages.map((stage, i) => {
      const { code, args, extent, beside } = stage;
      const parallel = this.shared(stage);
      const elsewhere = !parallel && this.pool !== null && beside !== undefined;
      // Stages that run side by side wait for none of their line.
      const waits = i > 0 && (parallel || before) && !(elsewhere && !beside.opens && !this.shared(stages[i - 1]));
      const place = elsewhere ? Math.floor(beside.place * 2 ** 16) << PLACE_SHIFT : 0;
      const flags = (parallel ? PARALLEL : 0) | (waits || (elsewhere && beside.opens) ? BARRIER : 0) | place;
      words.set([this.known.get(code)!, at + 4 * next, extent, flags], i * COMMAND_WORDS);
      if (stage.refusal !== undefined) refusals.set(at + 4 * next, stage.refusal);
      for (const field of code.fields) words[next++] = args[field];
      return (before = parallel || elsewhere);
    });
    const { engine, pool } = this;
    return {
      run: (first, count) => {
        const list = at + 4 * COMMAND_WORDS * first;
        if (pool === null || !shared.some((parallel, i) => parallel && i >= first && i < first + count)) {
          engine.replay(0, list, count, 0, 1, 0);
          if (refusals.size > 0) this.refusals.check((args) => refusals.get(args));
          return;
        }
        pool.start(this.scratch);
        const { control, threads } = pool;
        try {
          if (threads > 1) engine.dispatch!(control, list, count, threads);
          engine.replay(control, list, count, 0, threads, Number(pool.maySleep));
        } catch (error) {
          // The others wait for this thread in vain.
          pool.stop();
          throw error;
        }
        pool.check();
        if (refusals.size > 0) this.refusals.check((args) => refusals.get(args));
      },
    };
  }

  /** Whether threads share a stage: from a certain size on, if workers know all that it calls. */
  private shared({ code, extent, work, beside }: Stage): boolean {
    if (this.pool === null || beside?.whole === true) return false;
    return extent > 1 && extent * work >= WORTH_SHARING && (code.calls ?? []).every(knownToWorkers);
  }
}

export interface CommandList {
  run(first: number, count: number): void;
}

function listWords(stages: readonly Stage[]): number {
  return stages.reduce((sum, { code }) => sum + COMMAND_WORDS + code.fields.length, 0);
}

function instantiate(bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
}
