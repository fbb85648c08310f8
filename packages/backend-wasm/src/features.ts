import { f32x4, memory, ModuleBuilder, atomics, i32, type FunctionBuilder } from './assembler/index.js';

/** What the engine's WebAssembly can do. */
export interface Features {
  readonly simd: boolean;
  /** Multiply-add in one instruction. */
  readonly relaxedSimd: boolean;
  /** Shared memory and atomics. */
  readonly threads: boolean;
  readonly bulkMemory: boolean;
}

interface NodeProcess {
  readonly getBuiltinModule?: (name: string) => unknown;
}

/** A module of Node, without an import that a bundler would look for. Null elsewhere. */
export function nodeModule<T>(name: string): T | null {
  const { process } = globalThis as { readonly process?: NodeProcess };
  return (process?.getBuiltinModule?.(`node:${name}`) as T | undefined) ?? null;
}

/** Node 20 has relaxed SIMD behind a flag, which later versions do not know any more. Each thread has to set it. */
export function enableRelaxedSimd(): void {
  if (validates((f) => f.do(memoryless(relaxed)))) return;
  const version = (globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } }).process
    ?.versions?.node;
  if (version === undefined || Number.parseInt(version, 10) >= 24) return;
  nodeModule<{ setFlagsFromString(flags: string): void }>('v8')?.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** By asking the engine whether it accepts a function that uses the feature. */
export function detectFeatures(): Features {
  if (typeof WebAssembly === 'undefined') return { simd: false, relaxedSimd: false, threads: false, bulkMemory: false };
  enableRelaxedSimd();
  const shared = typeof SharedArrayBuffer !== 'undefined';
  return {
    simd: validates((f) => f.do(memoryless(f32x4.splat(1)))),
    relaxedSimd: validates((f) => f.do(memoryless(relaxed))),
    threads: shared && validates((f) => f.do(atomics.store(0, atomics.load(0))), true),
    bulkMemory: validates((f) => f.do(memory.fill(0, 0, i32.const(0)))),
  };
}

const relaxed = f32x4.relaxed_madd(f32x4.splat(1), f32x4.splat(1), f32x4.splat(1));

/** Computes a vector and forgets it. */
function memoryless(x: ReturnType<typeof f32x4.splat>): {
  readonly type: 'nothing';
  readonly code: readonly [typeof x.code, 0x1a];
} {
  return { type: 'nothing', code: [x.code, 0x1a] };
}

function validates(body: (f: FunctionBuilder) => void, shared = false): boolean {
  const module = new ModuleBuilder({ initial: 1, maximum: 1, shared });
  module.function('probe', [], [], body);
  return WebAssembly.validate(module.bytes());
}
