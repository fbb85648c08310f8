import { sizeOf, unknownOptions } from '@lemmata/shape';
import {
  arrayOver,
  BYTES_PER_ELEMENT,
  createArray,
  Eager,
  eagerValue,
  highest,
  isContiguous,
  isTensor,
  packedView,
  packInto,
  recording,
  sameSpec,
  Tensor,
  viewOf,
  type Backend,
  type EagerValue,
  type Spec,
  type Storage,
  type Synchronous,
  type TypedArray,
  type View,
} from '@lemmata/tensor';
import { flatten, leaves, map, unflatten, type TreeDef } from '@lemmata/tree';
import { flattenArgument, isDynamic, specOf, type Flat } from './arguments.js';
import { Executable, SlotPool } from './executable.js';
import { firstNonFinite } from './non-finite.js';
import { mergeCommonSubexpressions } from './passes/common-subexpressions.js';
import { dropDeadCode } from './passes/dead-code.js';
import { fuseElementwise } from './passes/fuse.js';
import { fuseEpilogues } from './passes/epilogues.js';
import { dropUnreadInputs, forwardIdentities } from './passes/simplify.js';
import { verify, type Program } from './program.js';
import { describeExecutable } from './describe.js';
import { Trace } from './trace.js';

export interface CompileOptions {
  /** How many leading arguments are given up to be replaced by as many leading results, in place. Default 0. */
  readonly donate?: number;
  /**
   * `refuse`: a call whose results hold NaN or ±∞ throws `NonFiniteError` and changes nothing. `allow`: it returns them.
   * Default: refuse if anything is donated, else allow.
   */
  readonly nonFinite?: 'refuse' | 'allow';
  /** For messages. Default: the function's name. */
  readonly name?: string;
  /** Elementwise fusion. Exact; off only to look at the difference. Default true. */
  readonly fuse?: boolean;
  /** Called when one function gets very many programs. Default: console.warn. */
  readonly onWarning?: (message: string) => void;
}

/** A function that runs as a program planned once. */
export interface Compiled<Args extends readonly unknown[], R> {
  (...args: Args): R;
  /** The programs made so far, as text: one for every combination of shapes, dtypes and structure of the arguments. */
  toString(): string;
  /** How many programs there are. */
  readonly size: number;
  /** Bytes of working memory that the programs share, besides arguments and constants. */
  readonly workingBytes: number;
}

/** So many programs for one function hint at something in the arguments that changes at each call. */
const MANY = 16;

/**
 * `f` as a program: traced at the first call, then replayed without allocating a buffer. Results equal those of `f`
 * bit for bit.
 *
 * Arguments are trees of tensors and numbers; a number is an input like a tensor. Whatever else `f` sees is baked in
 * when it is traced, also what it captures. Another structure, shape or dtype makes another program; they share memory.
 *
 * With `donate: n`, the first n arguments are given up: the first n results (`f` returns an array; or the one
 * result if n is 1 and it is no array) replace them in place, and tensors of the old ones can no longer be read. Memory that the function did not return
 * itself is never overwritten but copied once.
 *
 * Under a gradient or inside another compiled function `f` is simply called, at the speed of what is around it.
 *
 * @example
 * const step = compile((state, x, y) => [nextState, loss], { donate: 1 });
 * [state, loss] = step(state, x, y);
 * @throws NonFiniteError naming the op and the user's line, see `nonFinite`.
 */
export function compile<Args extends readonly unknown[], R>(
  f: (...args: Args) => Synchronous<R>,
  options: CompileOptions = {},
): Compiled<Args, R> {
  unknownOptions('compile', options, ['donate', 'nonFinite', 'name', 'fuse', 'onWarning']);
  const compiled = new CompiledFunction(f as unknown as (...args: unknown[]) => unknown, options);
  const call = (...args: Args): R => compiled.call(args) as R;
  Object.defineProperties(call, {
    size: { get: () => compiled.programs.size },
    workingBytes: { get: () => compiled.workingBytes },
    toString: { value: () => compiled.toString() },
  });
  return call as Compiled<Args, R>;
}

/** Memory of one donated leaf, from call to call. */
interface Resident {
  readonly view: View;
  /** The tensor that stands for it outside; null until the first result is there. */
  tensor: Tensor | null;
}

interface Compilation {
  readonly executable: Executable;
  /** For each input: the memory of a donated leaf, or null. */
  readonly residents: readonly (Resident | null)[];
  /** The tensor whose elements an input's memory holds: not copied again. */
  readonly held: (Tensor | number | null)[];
  readonly resultDef: TreeDef;
  /** For each leaf of the result: a static value, a result to copy out, or a result that replaces a resident. */
  readonly leaves: readonly ResultLeaf[];
  readonly paths: readonly string[];
  /** How the results that come back as arguments are taken apart; known from the first call on. */
  readonly returned: { readonly flat: Flat; readonly leaves: number }[];
}

type ResultLeaf =
  | { readonly kind: 'static'; readonly value: unknown }
  | { readonly kind: 'fresh'; readonly spec: Spec; readonly from: View }
  | {
      readonly kind: 'replace';
      readonly spec: Spec;
      readonly from: View;
      readonly resident: Resident;
      readonly staging: TypedArray | null;
    };

class CompiledFunction {
  readonly programs = new Map<string, Compilation>();
  private readonly f: (...args: unknown[]) => unknown;
  private readonly name: string;
  private readonly donate: number;
  private readonly refuse: boolean;
  private readonly fuse: boolean;
  private readonly warn: (message: string) => void;
  private backend: Eager | null = null;
  private pool: SlotPool | null = null;
  private readonly residents = new Map<string, Resident>();
  private readonly structures = new Map<string, number>();
  /** Arguments that this function returned itself are frozen, and known by identity. */
  private readonly flats = new WeakMap<object, Flat>();

  constructor(f: (...args: unknown[]) => unknown, options: CompileOptions) {
    this.f = f;
    this.name = options.name ?? (f.name || 'compiled function');
    this.donate = options.donate ?? 0;
    if (!Number.isInteger(this.donate) || this.donate < 0)
      throw new RangeError(`compile: donate counts leading arguments, received ${this.donate}`);
    this.refuse = (options.nonFinite ?? (this.donate > 0 ? 'refuse' : 'allow')) === 'refuse';
    this.fuse = options.fuse ?? true;
    this.warn = options.onWarning ?? ((message) => console.warn(message));
  }

  get workingBytes(): number {
    return this.pool?.sizes.reduce((a, b) => a + b, 0) ?? 0;
  }

  toString(): string {
    return [...this.programs.values()].map(({ executable }) => describeExecutable(this.name, executable)).join('\n\n');
  }

  call(args: readonly unknown[]): unknown {
    const flats = args.map((arg) => this.flatten(arg));
    const all = flats.flatMap((flat) => flat.leaves);
    const top = highest(all.filter(isTensor), this.name);
    if (!(top instanceof Eager)) return this.f(...args);
    const key = flats.map((flat) => flat.structure).join(' | ');
    let compilation = this.programs.get(key);
    if (compilation === undefined) {
      this.adopt(top);
      compilation = this.compile(args, flats);
      this.programs.set(key, compilation);
      if (this.programs.size === MANY) {
        this.warn(
          `${this.name}: ${MANY} programs have been compiled for it; something in its arguments changes at every call: pass a number as such, not in a string or a shape`,
        );
      }
    }
    this.load(compilation, all);
    compilation.executable.run();
    if (this.refuse) this.refuseNonFinite(compilation);
    return this.deliver(compilation);
  }

  private flatten(argument: unknown): Flat {
    const known = typeof argument === 'object' && argument !== null ? this.flats.get(argument) : undefined;
    return known ?? flattenArgument(argument, this.structures);
  }

  private adopt(eager: Eager): void {
    if (this.backend !== null && this.backend !== eager) {
      throw new Error(
        `${this.name}: compiled for the ${this.backend.name} backend, and called with tensors of ${eager.name}; compile it once for each`,
      );
    }
    this.backend = eager;
    this.pool ??= new SlotPool(eager.backend);
  }

  private compile(args: readonly unknown[], flats: readonly Flat[]): Compilation {
    const backend = this.backend!.backend;
    const trace = new Trace(backend);
    const traced = args.map((arg) =>
      map((leaf: unknown) => (isDynamic(leaf) ? trace.input(specOf(leaf)) : leaf), arg as never),
    );
    const result = recording(() => this.f(...traced));
    if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') {
      throw new TypeError(`${this.name}: a compiled function must be synchronous; it returned a promise`);
    }
    const flat = flatten<unknown>(result);
    const resultLeaves = flat.leaves as unknown[];
    const program = this.optimise(trace.finish(resultLeaves.filter(isTensor)));

    const paths = flats.flatMap((flat, i) => flat.paths.map((path) => (path === '' ? `${i}` : `${i}.${path}`)));
    const replaced = this.pairDonations(result, flat.paths, resultLeaves, program, flats, paths);
    const inputs = program.inputs.map((id, i) => {
      const { spec } = program.values[id]!;
      return this.residentFor(replaced, paths[i]!, spec)?.view ?? reserved(backend, spec);
    });
    const residents = program.inputs.map((_, i) => [...replaced.values()].find((r) => r.view === inputs[i]) ?? null);
    const executable = new Executable(program, backend, this.pool!, inputs);
    let next = 0;
    const outcomes = resultLeaves.map((leaf, i): ResultLeaf => {
      if (!isTensor(leaf)) return { kind: 'static', value: leaf };
      const from = executable.results[next++]!;
      const resident = replaced.get(i);
      if (resident === undefined) return { kind: 'fresh', spec: leaf.spec, from };
      return { kind: 'replace', spec: leaf.spec, from, resident, staging: stagingFor(from, resident, residents) };
    });
    return {
      executable,
      residents,
      held: program.inputs.map(() => null),
      resultDef: flat.def,
      leaves: outcomes,
      paths,
      returned: [],
    };
  }

  private optimise(traced: Program): Program {
    const passes: [string, (program: Program) => Program][] = [
      ['dead-code elimination', dropDeadCode],
      ['forwarding', forwardIdentities],
      ['common-subexpression elimination', mergeCommonSubexpressions],
      ['narrowing', (program) => dropDeadCode(dropUnreadInputs(program))],
      ...(this.fuse
        ? ([
            ['elementwise fusion', fuseElementwise],
            ['epilogue fusion', (program) => fuseEpilogues(program, this.backend!.backend)],
          ] as [string, (program: Program) => Program][])
        : []),
    ];
    verify(traced, 'tracing');
    return passes.reduce((program, [name, pass]) => {
      const next = pass(program);
      verify(next, name);
      return next;
    }, traced);
  }

  /** By number of the result leaf, the memory of the donated leaf with the same path and spec. */
  private pairDonations(
    result: unknown,
    paths: readonly string[],
    resultLeaves: readonly unknown[],
    program: Program,
    flats: readonly Flat[],
    inputPaths: readonly string[],
  ): Map<number, Resident> {
    const replaced = new Map<number, Resident>();
    if (this.donate === 0) return replaced;
    if (!Array.isArray(result) && this.donate > 1) {
      throw new TypeError(
        `${this.name}: with donate: ${this.donate} it must return an array whose first ${this.donate} entries replace the donated arguments`,
      );
    }
    const donated = new Map<string, Spec>();
    const count = flats.slice(0, this.donate).reduce((n, flat) => n + flat.leaves.length, 0);
    for (let i = 0; i < count; i++) donated.set(inputPaths[i]!, program.values[program.inputs[i]!]!.spec);
    resultLeaves.forEach((leaf, i) => {
      if (!isTensor(leaf)) return;
      const path = Array.isArray(result) ? paths[i]! : paths[i] === '' ? '0' : `0.${paths[i]}`;
      const spec = donated.get(path);
      if (spec !== undefined && sameSpec(spec, leaf.spec)) replaced.set(i, this.resident(path, spec));
    });
    return replaced;
  }

  private resident(path: string, spec: Spec): Resident {
    const key = `${path} ${spec.dtype} ${spec.shape.join()}`;
    let resident = this.residents.get(key);
    if (resident === undefined) {
      resident = { view: reserved(this.backend!.backend, spec), tensor: null };
      this.residents.set(key, resident);
    }
    return resident;
  }

  private residentFor(replaced: ReadonlyMap<number, Resident>, path: string, spec: Spec): Resident | undefined {
    const resident = this.residents.get(`${path} ${spec.dtype} ${spec.shape.join()}`);
    return resident !== undefined && [...replaced.values()].includes(resident) ? resident : undefined;
  }

  /** Puts the arguments where the program reads them, unless they are there. */
  private load(compilation: Compilation, leaves: readonly (Tensor | number)[]): void {
    const { executable, residents, held } = compilation;
    let staged: [View, TypedArray][] | undefined;
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i]!;
      const target = executable.inputs[i]!;
      if (typeof leaf === 'number') {
        target.data[0] = leaf;
        continue;
      }
      const resident = residents[i]!;
      const source = viewOf(leaf, this.name);
      if ((resident === null ? held[i] : resident.tensor) === leaf) continue;
      if (this.isResident(source.data)) {
        // An argument out of its place: its memory may be the target of another.
        const copy = createArray(source.dtype, sizeOf(source.shape));
        packInto(source, copy);
        (staged ??= []).push([target, copy]);
      } else {
        if (resident !== null) evict(resident);
        packInto(source, target.data);
      }
      if (resident === null) held[i] = leaf;
    }
    for (const [target, copy] of staged ?? []) {
      for (const resident of this.residents.values()) if (resident.view.data === target.data) evict(resident);
      target.data.set(copy);
    }
  }

  private isResident(data: TypedArray): boolean {
    for (const { view } of this.residents.values()) if (view.data === data) return true;
    return false;
  }

  private refuseNonFinite(compilation: Compilation): void {
    for (const leaf of compilation.leaves) {
      if (leaf.kind === 'static' || firstNonFinite(leaf.from) < 0) continue;
      throw compilation.executable.explain(this.name, compilation.paths);
    }
  }

  /** Results that replace nothing are copied out; then, last, the others take the place of what was donated. */
  private deliver(compilation: Compilation): unknown {
    const eager = this.backend!;
    const { leaves, resultDef } = compilation;
    const out = leaves.map((leaf) => {
      if (leaf.kind === 'static') return leaf.value;
      if (leaf.kind === 'replace') {
        if (leaf.staging !== null) packInto(leaf.from, leaf.staging);
        return null;
      }
      const tensor = eager.allocate(leaf.spec, this.name);
      packInto(leaf.from, viewOf(tensor, this.name).data);
      return tensor;
    });
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i]!;
      if (leaf.kind === 'replace') out[i] = this.replace(leaf);
    }
    const result = unflatten(resultDef, out);
    this.remember(result, out, compilation);
    return result;
  }

  private replace({ resident, spec, from, staging }: Extract<ResultLeaf, { kind: 'replace' }>): Tensor {
    const { data } = resident.view;
    if (staging !== null) data.set(staging);
    else if (from.data !== data) packInto(from, data);
    if (resident.tensor !== null) {
      const { storage } = eagerValue(resident.tensor);
      storage.data = null;
      storage.fate = `it was donated to ${this.name}, which has replaced it; use what the call returned`;
    }
    const storage: Storage = { data, length: data.length, dtype: spec.dtype, madeBy: this.name };
    resident.tensor = new Tensor(spec, this.backend!, { storage, layout: resident.view } satisfies EagerValue);
    return resident.tensor;
  }

  /** Results that come back as arguments need not be taken apart again. They are frozen, so that this stays true. */
  private remember(result: unknown, out: readonly unknown[], compilation: Compilation): void {
    if (this.donate === 0) return;
    const parts = Array.isArray(result) ? result.slice(0, this.donate) : [result];
    let start = 0;
    parts.forEach((part, k) => {
      if (typeof part !== 'object' || part === null || isTensor(part)) {
        start += leaves(part as never).length;
        return;
      }
      deepFreeze(part);
      let template = compilation.returned[k];
      if (template === undefined) {
        const flat = this.flatten(part);
        compilation.returned[k] = template = { flat, leaves: leaves(part as never).length };
      }
      const own = out.slice(start, start + template.leaves).filter(isDynamic);
      this.flats.set(part, { ...template.flat, leaves: own });
      start += template.leaves;
    });
  }
}

/** Gives the tensor that stands for a resident memory of its own, since it was not donated and stays readable. */
function evict(resident: Resident): void {
  if (resident.tensor === null) return;
  const { storage } = eagerValue(resident.tensor);
  storage.data = resident.view.data.slice();
  resident.tensor = null;
}

function deepFreeze(node: unknown): void {
  if (typeof node !== 'object' || node === null || isTensor(node)) return;
  Object.freeze(node);
  for (const child of Object.values(node)) deepFreeze(child);
}

function reserved(backend: Backend, spec: Spec): View {
  const size = sizeOf(spec.shape);
  return packedView(spec, arrayOver(spec.dtype, backend.reserve(size * BYTES_PER_ELEMENT[spec.dtype]), size));
}

/** A result that lies in the memory of a donated argument, and not in its own place, must leave it before others move in. */
function stagingFor(from: View, resident: Resident, residents: readonly (Resident | null)[]): TypedArray | null {
  const owner = residents.find((r) => r !== null && r.view.data === from.data);
  if (owner === undefined || owner === null) return null;
  if (owner === resident && isContiguous(from) && from.offset === 0) return null;
  return createArray(from.dtype, sizeOf(from.shape));
}
