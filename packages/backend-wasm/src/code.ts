import { SCALAR_FUNCTIONS, type ScalarFnName } from '@lemmata/tensor';
import {
  f32x4,
  ModuleBuilder,
  type FunctionBuilder,
  type FunctionRef,
  i32,
  type I32,
  type Local,
  type Locals,
  type MemoryType,
  type V128,
  type Value,
  type ValueType,
} from './assembler/index.js';
import type { Refusal } from './refusals.js';

/** Bytes that every thread has to itself, for tiles and panels: kernels find them at `target.scratch`. */
export const THREAD_SCRATCH_BYTES: number = 2 * 1024 * 1024;
/** Behind them, three words: the arguments of a stage that refused an index, the index, and where it stands. */
export const REFUSED: number = THREAD_SCRATCH_BYTES;

/** What kernels are written for, and what they find there. */
export interface Target {
  /** a · b + c in each lane of float32: in one instruction where the engine has it, else in two. */
  readonly madd: (a: V128, b: V128, c: V128) => V128;
  /** Address of `THREAD_SCRATCH_BYTES` of this thread's own, aligned to 64. */
  readonly scratch: I32;
  /** A scalar function on float64, by its definition: a call into JavaScript. Named in the kernel's `calls`. */
  readonly scalarFunction: (name: ScalarFnName) => FunctionRef;
  /** A function that kernels of this module share. */
  readonly helper: (helper: Helper) => FunctionRef;
  /** Notes an index that lies outside, to be passed over, and where it stands: the op throws its stage's `refusal` afterwards. */
  readonly refuse: (f: FunctionBuilder, index: I32, at?: I32) => void;
}

/** A function that kernels call. */
export interface Helper<P extends readonly ValueType[] = any> {
  readonly name: string;
  readonly params: P;
  readonly results: readonly ValueType[];
  build(f: FunctionBuilder, target: Target, ...params: Locals<P>): Value | void;
}

/** A helper, its parameters typed. */
export function helper<const P extends readonly ValueType[]>(definition: Helper<P>): Helper {
  return definition;
}

/**
 * A function (arguments, begin, end) that computes a range of its outputs. Ranges of one call may run at the same time
 * on several threads, so that an output depends on no other of the same call.
 */
export interface KernelCode<Field extends string = string> {
  /** Equal names mean equal code. */
  readonly name: string;
  /** Its arguments: addresses in bytes, sizes, strides; one i32 word each. */
  readonly fields: readonly Field[];
  /** Scalar functions that it calls for lack of vector code. */
  readonly calls?: readonly ScalarFnName[];
  build(
    f: FunctionBuilder,
    args: Readonly<Record<Field, I32>>,
    begin: Local<'i32'>,
    end: Local<'i32'>,
    target: Target,
  ): void;
  /**
   * Code that calls `run` for each run of neighbouring elements of the first output that unit `unit` of the range completes:
   * after it nothing writes them, and the runs of all units are the whole output. Where the last stage of a kernel says
   * so, an epilogue is applied to each run while it is in the cache. In elements; `end` is behind the last.
   */
  runs?(
    f: FunctionBuilder,
    args: Readonly<Record<Field, I32>>,
    unit: Local<'i32'>,
    run: (begin: I32, end: I32) => void,
  ): void;
}

/** A kernel with its arguments and how much there is to do. */
export interface Stage {
  readonly code: KernelCode;
  readonly args: Readonly<Record<string, number>>;
  /** Its range is 0 … extent. */
  readonly extent: number;
  /** What one unit of the range takes on one thread, in nanoseconds, roughly: decides whether threads share the range. */
  readonly work: number;
  /**
   * Set for stages that need no other of their line: which thread runs one if threads do not share it, as a place from 0
   * (the first) to below 1 (behind the last). `opens` the first of a line. Threads never share a `whole` one: it may need those
   * before it in the same place.
   */
  readonly beside?: { readonly place: number; readonly opens: boolean; readonly whole?: true };
  /** The error for an index that it refused. */
  readonly refusal?: Refusal;
  /** It reads nothing but inputs that its kernel keeps something of, and what stages like it have written. */
  readonly once?: true;
}

export const once = (stage: Stage): Stage => ({ ...stage, once: true });

/**
 * A kernel's code with its arguments, over a range of `extent` units of about `work` operations each; `refusal` makes the error for
 * the number of a unit that the code has refused. Default: it refuses none.
 */
export function stage<Field extends string>(
  code: KernelCode<Field>,
  args: Readonly<Record<NoInfer<Field>, number>>,
  extent: number,
  work: number,
  refusal?: Refusal,
): Stage {
  return { code: code as KernelCode, args, extent, work, ...(refusal === undefined ? {} : { refusal }) };
}

/** The type of all kernels. */
export const KERNEL_PARAMS = ['i32', 'i32', 'i32'] as const;

/** A module of kernels, exported under their numbers. */
export function kernelModule(
  codes: readonly KernelCode[],
  memory: MemoryType,
  relaxed: boolean,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memory, { globals: ['scratch'] });
  const calls = new Map<ScalarFnName, FunctionRef>();
  for (const name of codes.flatMap((code) => code.calls ?? [])) {
    if (calls.has(name)) continue;
    const params = new Array<'f64'>(SCALAR_FUNCTIONS[name].arity).fill('f64');
    calls.set(name, module.import(name, params, ['f64']));
  }
  const helpers = new Map<string, FunctionRef>();
  const target: Target = {
    madd: relaxed ? f32x4.relaxed_madd : (a, b, c) => f32x4.add(f32x4.mul(a, b), c),
    scratch: module.global('scratch'),
    scalarFunction(name) {
      const ref = calls.get(name);
      if (ref === undefined) throw new Error(`wasm: a kernel calls ${name} without naming it in its calls`);
      return ref;
    },
    helper(helper) {
      let ref = helpers.get(helper.name);
      if (ref === undefined) {
        ref = module.function(
          helper.name,
          helper.params,
          helper.results,
          (f, ...params) => helper.build(f, target, ...params),
          false,
        );
        helpers.set(helper.name, ref);
      }
      return ref;
    },
    refuse() {
      throw new Error('wasm: a helper cannot refuse an index; its kernel can');
    },
  };
  codes.forEach((code, number) => {
    module.function(String(number), KERNEL_PARAMS, [], (f, address, begin, end) => {
      const args = Object.fromEntries(code.fields.map((field, i) => [field, i32.load(address, 4 * i)]));
      const refuse: Target['refuse'] = (_f, index, at = i32.const(0)) =>
        f.if(i32.eqz(i32.load(target.scratch, REFUSED)), () =>
          f.do(
            i32.store(target.scratch, address, REFUSED),
            i32.store(target.scratch, index, REFUSED + 4),
            i32.store(target.scratch, at, REFUSED + 8),
          ),
        );
      code.build(f, args, begin, end, { ...target, refuse });
    });
  });
  return module.bytes();
}

/** What a module of kernels imports, for one thread. */
export function kernelImports(memory: WebAssembly.Memory, scratch: number): WebAssembly.Imports {
  const env: Record<string, WebAssembly.ImportValue> = {
    memory,
    scratch: new WebAssembly.Global({ value: 'i32' }, scratch),
  };
  for (const [name, { value }] of Object.entries(SCALAR_FUNCTIONS)) env[name] = value;
  return { env };
}
