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

/** The flag by which this engine turns relaxed SIMD on, thread by thread; none where it is on, or unknown, as from Node 24 on. */
export function relaxedSimdFlag(): string {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  const version = Number.parseInt(process?.versions?.node ?? '', 10);
  return version < 22 ? '--experimental-wasm-relaxed-simd' : '';
}

/** Turns relaxed SIMD on for this thread, if that takes a flag; before any module is compiled. */
export function enableRelaxedSimd(): void {
  const flag = relaxedSimdFlag();
  if (flag !== '') nodeModule<{ setFlagsFromString(flags: string): void }>('v8')?.setFlagsFromString(flag);
}

/** By asking the engine whether it accepts a function that uses the feature. */
export function detectFeatures(): Features {
  if (typeof WebAssembly === 'undefined') return { simd: false, relaxedSimd: false, threads: false, bulkMemory: false };
  enableRelaxedSimd();
  const shared = typeof SharedArrayBuffer !== 'undefined';
  return {
    simd: validates((f) => f.drop(f32x4.splat(1))),
    relaxedSimd: validates((f) => f.drop(relaxed)),
    threads: shared && validates((f) => f.do(atomics.store(0, atomics.load(0))), true),
    bulkMemory: validates((f) => f.do(memory.fill(0, 0, i32.const(0)))),
  };
}

const relaxed = f32x4.relaxed_madd(f32x4.splat(1), f32x4.splat(1), f32x4.splat(1));

function validates(body: (f: FunctionBuilder) => void, shared = false): boolean {
  const module = new ModuleBuilder({ initial: 1, maximum: 1, shared });
  module.function('probe', [], [], body);
  return WebAssembly.validate(module.bytes());
}
