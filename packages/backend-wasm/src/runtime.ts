import { kernelImports, kernelModule, THREAD_SCRATCH_BYTES, type KernelCode, type Stage } from './code.js';
import type { Features } from './features.js';
import type { Heap } from './memory/heap.js';
import { COMMAND_WORDS, replayModule } from './replay.js';

type KernelFunction = (args: number, begin: number, end: number) => void;

/** Longest list of arguments of a single stage, in words. */
const ARGUMENT_WORDS = 256;

/** Kernels as functions of one memory, and lists of them that run without a call from JavaScript in between. */
export class Runtime {
  readonly heap: Heap;
  private readonly relaxed: boolean;
  private readonly table: WebAssembly.Table;
  private readonly functions: KernelFunction[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly known = new WeakMap<KernelCode, number>();
  private readonly imports: WebAssembly.Imports;
  private readonly replay: (list: number, count: number) => void;
  /** The arguments of a stage that runs at once. */
  private readonly argumentWords: Int32Array;

  constructor(heap: Heap, features: Features) {
    this.heap = heap;
    this.relaxed = features.relaxedSimd;
    this.table = new WebAssembly.Table({ initial: 0, element: 'anyfunc' });
    this.imports = kernelImports(heap.memory, this.reserve(THREAD_SCRATCH_BYTES, 'thread scratch'));
    this.argumentWords = new Int32Array(heap.current, this.reserve(4 * ARGUMENT_WORDS, 'arguments'), ARGUMENT_WORDS);
    const env = { memory: heap.memory, table: this.table };
    this.replay = instantiate(replayModule(heap.type), { env }).replay as never;
  }

  /** Memory that is kept. */
  reserve(bytes: number, name: string): number {
    const address = this.heap.take(bytes, name);
    if (address === null)
      throw new RangeError(`wasm: no memory for ${bytes} bytes of ${name}; ${this.heap.takenBytes} bytes are taken`);
    return address;
  }

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
    const exports = instantiate(kernelModule(all, this.heap.type, this.relaxed), this.imports);
    const first = this.table.grow(all.length);
    all.forEach((code, i) => {
      const kernel = exports[String(i)] as KernelFunction;
      this.table.set(first + i, kernel);
      this.functions[first + i] = kernel;
      this.numbers.set(code.name, first + i);
    });
    for (const code of codes) this.known.set(code, this.numbers.get(code.name)!);
  }

  /** Runs stages at once. */
  execute(stages: readonly Stage[]): void {
    this.load(stages.map(({ code }) => code));
    const words = this.argumentWords;
    for (const { code, args, extent } of stages) {
      const { fields } = code;
      for (let i = 0; i < fields.length; i++) words[i] = args[fields[i]];
      this.functions[this.known.get(code)!](words.byteOffset, 0, extent);
    }
  }

  /** Stages as a list of commands in memory. */
  list(stages: readonly Stage[]): CommandList {
    this.load(stages.map(({ code }) => code));
    const commandBytes = 4 * COMMAND_WORDS * stages.length;
    const words = stages.reduce((sum, { code }) => sum + code.fields.length, 0);
    const at = this.reserve(commandBytes + 4 * words, 'commands');
    const commands = new Int32Array(this.heap.current, at, COMMAND_WORDS * stages.length + words);
    let next = COMMAND_WORDS * stages.length;
    stages.forEach(({ code, args, extent }, i) => {
      commands.set([this.known.get(code)!, at + 4 * next, extent], i * COMMAND_WORDS);
      for (const field of code.fields) commands[next++] = args[field];
    });
    return { run: (first, count) => this.replay(at + 4 * COMMAND_WORDS * first, count) };
  }
}

export interface CommandList {
  run(first: number, count: number): void;
}

function instantiate(bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
}
