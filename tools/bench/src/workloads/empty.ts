import { coreKernels, detectFeatures, type KernelCode, type Stage, type WasmKernel } from '@lemmata/backend-wasm';
import { WasmBackend } from '@lemmata/backend-wasm/backend';
import { Arena } from '@lemmata/backend-wasm/memory/arena';
import { Heap } from '@lemmata/backend-wasm/memory/heap';
import { type CommandList, Runtime } from '@lemmata/backend-wasm/runtime';
import { type BoundOp, type OpDef, ReferenceBackend, type Sequence } from '@lemmata/tensor';

/** A program of the reference backend whose lines do nothing, each called: what is left is the cost of running it. */
export class EmptyReference extends ReferenceBackend {
  /** How many lines there are to run. */
  lines = 0;

  override sequence(lines: readonly BoundOp[]): Sequence {
    this.lines = lines.length;
    const steps = lines.map(() => () => {});
    return {
      run() {
        for (const step of steps) step();
      },
      runLine: () => {},
    };
  }
}

/** Every kernel of a program is one that returns at once: lists, arguments, shares of threads and what they wait for are as they were. */
class EmptyRuntime extends Runtime {
  private readonly emptied = new Map<string, KernelCode>();

  override list(stages: readonly Stage[]): CommandList {
    return super.list(stages.map((stage) => ({ ...stage, code: this.empty(stage.code) })));
  }

  private empty({ name, fields }: KernelCode): KernelCode {
    let code = this.emptied.get(name);
    if (code === undefined) this.emptied.set(name, (code = { name: `empty ${name}`, fields, build() {} }));
    return code;
  }
}

class EmptyWasm extends WasmBackend {
  /** How many lines there are to run. */
  lines = 0;
  private readonly own: readonly WasmKernel[];

  constructor(runtime: Runtime, arena: Arena, own: readonly WasmKernel[]) {
    super(runtime, arena, own);
    this.own = own;
  }

  override sequence(lines: readonly BoundOp[]): Sequence {
    this.lines = lines.length;
    return super.sequence(lines.map((line) => (this.inJavaScript(line) ? { ...line, op: emptied(line.op) } : line)));
  }

  private inJavaScript({ op, attrs, inputs }: BoundOp): boolean {
    const { expr, prologue, epilogue, sideBySide } = op;
    if ([expr, prologue, epilogue, sideBySide].some((trait) => trait !== undefined)) return false;
    return !this.own.some((kernel) => kernel.op === op && kernel.accepts(attrs, inputs));
  }
}

/** An op that JavaScript computes, as one that does nothing. */
const emptied = ({ name, infer }: OpDef): OpDef => ({ name, infer, reference() {} });

/** The WebAssembly backend with all kernels that there are, whose programs call empty ones in their place. */
export async function emptyWasm(threads: number): Promise<EmptyWasm> {
  const { layerKernels } = await import('../peers/lemmata-wasm.js');
  const features = detectFeatures();
  const heap = new Heap({ shared: features.threads, maximumBytes: 2 ** 31, guards: false });
  const runtime = new EmptyRuntime(heap, features, threads);
  return new EmptyWasm(runtime, new Arena(heap), [...(await layerKernels()), ...coreKernels]);
}
