import { sizeOf } from '@lemmata/shape';
import {
  createArray,
  Eager,
  EAGER_REFERENCE,
  highest,
  isTensor,
  packInto,
  recording,
  sameSpec,
  viewOf,
  type Spec,
  type Tensor,
  type TypedArray,
  type View,
} from '@lemmata/tensor';
import type { CompileOptions } from './compile.js';
import { describeExecutable } from './describe.js';
import { Executable, SlotPool, type Run } from './executable.js';
import { land, withFiniteCheck, type Replacement } from './landing.js';
import { optimise } from './optimise.js';
import type { Program } from './program.js';
import { reserved, Resident } from './resident.js';
import { build, isDynamic, match, specOf, takeApart, type TakenApart, type Template } from './template.js';
import { Trace } from './trace.js';

/** So many programs for one function hint at something in the arguments that changes at each call. */
const MANY = 16;

type Arguments = readonly TakenApart<Tensor | number>[];

/** A resident as one program sees it: `moves` if the program writes the half that it does not read. */
interface Seat {
  readonly resident: Resident;
  readonly moves: boolean;
}

/** What becomes of one result. */
interface Outcome {
  readonly spec: Spec;
  /** Whose place it takes; null if it is copied out. */
  readonly seat: Seat | null;
}

interface Compilation {
  readonly executable: Executable;
  readonly templates: readonly Template[];
  readonly paths: readonly string[];
  /** What stands at the places of the arguments in this call. */
  readonly leaves: (Tensor | number)[];
  /** For each input: the memory of a donated leaf, or null. */
  readonly seats: readonly (Seat | null)[];
  /** The tensor whose elements an input's memory holds: not copied again. */
  readonly held: (Tensor | null)[];
  /** The first seat that moves says which side is next: all move together. */
  readonly leader: Resident | null;
  readonly result: Template;
  readonly outcomes: readonly Outcome[];
}

export class CompiledFunction {
  readonly programs: Compilation[] = [];
  private readonly f: (...args: unknown[]) => unknown;
  private readonly name: string;
  private readonly donate: number;
  private readonly refuse: boolean;
  private readonly fuse: boolean;
  private readonly warn: (message: string) => void;
  private readonly fate: string;
  private eager: Eager | null = null;
  private pool: SlotPool | null = null;
  private last: Compilation | null = null;
  private readonly residents = new Map<string, Resident>();
  /** The memory of all residents. */
  private readonly owned = new Set<TypedArray>();

  constructor(f: (...args: unknown[]) => unknown, options: CompileOptions) {
    this.f = f;
    this.name = options.name ?? (f.name || 'compiled function');
    this.donate = options.donate ?? 0;
    if (!Number.isInteger(this.donate) || this.donate < 0)
      throw new RangeError(`compile: donate counts leading arguments, received ${this.donate}`);
    this.refuse = (options.nonFinite ?? (this.donate > 0 ? 'refuse' : 'allow')) === 'refuse';
    this.fuse = options.fuse ?? true;
    this.warn = options.onWarning ?? ((message) => console.warn(message));
    this.fate = `it was donated to ${this.name}, which has replaced it; use what the call returned`;
  }

  get workingBytes(): number {
    return this.pool?.sizes.reduce((a, b) => a + b, 0) ?? 0;
  }

  toString(): string {
    return this.programs.map(({ executable }) => describeExecutable(this.name, executable)).join('\n\n');
  }

  call(args: readonly unknown[]): unknown {
    const compilation = this.find(args) ?? this.add(args);
    if (compilation === null) return this.f(...args);
    this.last = compilation;
    const side = compilation.leader?.current ?? 0;
    const run = compilation.executable.runs[side]!;
    this.load(compilation, run, side);
    if (!run.run() && this.refuse) throw run.explain(this.name, compilation.paths);
    return this.deliver(compilation, run, side);
  }

  /** The program for these arguments; the last one most likely. */
  private find(args: readonly unknown[]): Compilation | null {
    if (this.last === null || this.fits(this.last, args)) return this.last;
    for (const compilation of this.programs) if (this.fits(compilation, args)) return compilation;
    return null;
  }

  private fits({ templates, leaves }: Compilation, args: readonly unknown[]): boolean {
    if (args.length !== templates.length) return false;
    const eager = this.eager!;
    for (let i = 0; i < args.length; i++)
      if (!match(templates[i]!, args[i], [eager, EAGER_REFERENCE], leaves)) return false;
    // Constants alone would be computed with on the reference backend.
    return eager === EAGER_REFERENCE || leaves.some((leaf) => typeof leaf !== 'number' && leaf.interpreter === eager);
  }

  /** A new program for these arguments; null where the function is to be called as it is. */
  private add(args: readonly unknown[]): Compilation | null {
    let first = 0;
    const taken = args.map((arg) => {
      const one = takeApart(arg, isDynamic, first);
      first += one.leaves.length;
      return one;
    });
    const top = highest(
      taken.flatMap(({ leaves }) => leaves.filter(isTensor)),
      this.name,
    );
    if (!(top instanceof Eager)) return null;
    this.adopt(top);
    const compilation = this.compile(taken, top);
    this.programs.push(compilation);
    if (this.programs.length === MANY) {
      this.warn(
        `${this.name}: ${MANY} programs have been compiled for it; something in its arguments changes at every call: pass a number as such, not in a string or a shape`,
      );
    }
    return compilation;
  }

  private adopt(eager: Eager): void {
    if (this.eager !== null && this.eager !== eager) {
      throw new Error(
        `${this.name}: compiled for the ${this.eager.name} backend, and called with tensors of ${eager.name}; compile it once for each`,
      );
    }
    this.eager = eager;
    this.pool ??= new SlotPool(eager.backend);
  }

  private compile(args: Arguments, { backend }: Eager): Compilation {
    const trace = new Trace(backend);
    const inputs = args.flatMap(({ leaves }) => leaves.map((leaf) => trace.input(specOf(leaf))));
    const traced = args.map(({ template }) => build(template, inputs));
    const returned = recording(() => this.f(...traced));
    if (typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function') {
      throw new TypeError(`${this.name}: a compiled function must be synchronous; it returned a promise`);
    }
    const result = takeApart(returned, isTensor);
    const optimised = optimise(trace.finish(result.leaves), backend, this.fuse);
    const paths = args.flatMap(({ paths }, i) => paths.map((path) => (path === '' ? `${i}` : `${i}.${path}`)));
    const replacements = this.pairDonations(args, paths, returned, result, optimised);
    const { program, landings, unchanged } = land(optimised, replacements);

    const seats = program.inputs.map((id, i): Seat | null => {
      const k = replacements.findIndex(({ input }) => input === id);
      if (k < 0) return null;
      return { resident: this.residentAt(paths[i]!, program.values[id]!.spec), moves: !unchanged.has(k) };
    });
    const seatOf = ({ input }: Replacement): Seat => seats[program.inputs.indexOf(input)]!;
    const own = program.inputs.map((id, i) => (seats[i] === null ? reserved(backend, program.values[id]!.spec) : null));
    const leader = seats.find((seat) => seat?.moves)?.resident ?? null;
    const sides = (leader === null ? ([0] as const) : ([0, 1] as const)).map((side) => ({
      inputs: seats.map((seat, i) => (seat === null ? own[i]! : seat.resident.halves[halfRead(seat, side)])),
      landings: replacements.map((replacement) => seatOf(replacement).resident.halves[side === 0 ? 1 : 0]),
    }));
    const planned = this.refuse ? withFiniteCheck(program) : { program, check: null };
    return {
      executable: new Executable({ ...planned, landings }, backend, this.pool!, sides),
      templates: args.map(({ template }) => template),
      paths,
      leaves: args.flatMap(({ leaves }) => leaves),
      seats,
      held: program.inputs.map(() => null),
      leader,
      result: result.template,
      outcomes: result.leaves.map(({ spec }, i) => {
        const replacement = replacements.find((one) => one.result === i);
        return { spec, seat: replacement === undefined ? null : seatOf(replacement) };
      }),
    };
  }

  /** Results pair with the donated leaves of the same path and spec. */
  private pairDonations(
    args: Arguments,
    inputPaths: readonly string[],
    returned: unknown,
    { leaves, paths }: TakenApart<Tensor>,
    { inputs }: Program,
  ): Replacement[] {
    if (this.donate === 0) return [];
    if (!Array.isArray(returned) && this.donate > 1) {
      throw new TypeError(
        `${this.name}: with donate: ${this.donate} it must return an array whose first ${this.donate} entries replace the donated arguments`,
      );
    }
    const donated = new Map<string, number>();
    const given = args.flatMap((one) => one.leaves);
    const count = args.slice(0, this.donate).reduce((n, one) => n + one.leaves.length, 0);
    for (let i = 0; i < count; i++) donated.set(inputPaths[i]!, i);
    return leaves.flatMap(({ spec }, result) => {
      const path = paths[result]!;
      const i = donated.get(Array.isArray(returned) ? path : path === '' ? '0' : `0.${path}`);
      return i !== undefined && sameSpec(specOf(given[i]!), spec) ? [{ result, input: inputs[i]! }] : [];
    });
  }

  private residentAt(path: string, spec: Spec): Resident {
    const key = `${path} ${spec.dtype} ${spec.shape.join()}`;
    let resident = this.residents.get(key);
    if (resident === undefined) {
      resident = new Resident(spec, this.eager!.backend);
      this.residents.set(key, resident);
      for (const { data } of resident.halves) this.owned.add(data);
    }
    return resident;
  }

  /** Puts the arguments where the program reads them, unless they are there. */
  private load({ leaves, seats, held }: Compilation, run: Run, side: 0 | 1): void {
    let moved: [View, TypedArray][] | undefined;
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i]!;
      const seat = seats[i]!;
      const target = run.inputs[i]!;
      if (typeof leaf === 'number') {
        target.data[0] = leaf;
        continue;
      }
      if (seat !== null && seat.resident.tensor === leaf) {
        seat.resident.turnTo(halfRead(seat, side));
        continue;
      }
      const source = viewOf(leaf, this.name);
      if (seat === null && held[i] === leaf) continue;
      if (this.owned.has(source.data)) {
        // An argument out of its place: its memory may be the target of another.
        const copy = createArray(source.dtype, sizeOf(source.shape));
        packInto(source, copy);
        (moved ??= []).push([target, copy]);
      } else {
        if (seat !== null) {
          seat.resident.evict();
          seat.resident.current = halfRead(seat, side);
        }
        packInto(source, target.data);
      }
      if (seat === null) held[i] = leaf;
    }
    for (const [target, copy] of moved ?? []) {
      seats.forEach((seat, i) => {
        if (seat === null || run.inputs[i] !== target) return;
        seat.resident.evict();
        seat.resident.current = halfRead(seat, side);
      });
      target.data.set(copy);
    }
  }

  /** Results that replace nothing are copied out; then, last, the others take the place of what was donated. */
  private deliver({ outcomes, result }: Compilation, run: Run, side: 0 | 1): unknown {
    const eager = this.eager!;
    const { name, fate } = this;
    const made = new Array<Tensor | null>(outcomes.length);
    for (let i = 0; i < outcomes.length; i++) {
      const { spec, seat } = outcomes[i]!;
      made[i] = null;
      if (seat !== null) continue;
      const tensor = (made[i] = eager.allocate(spec, name));
      packInto(run.results[i]!, viewOf(tensor, name).data);
    }
    for (let i = 0; i < outcomes.length; i++) {
      const { seat } = outcomes[i]!;
      if (seat !== null) made[i] = seat.resident.replace(halfWritten(seat, side), eager, name, fate);
    }
    return build(result, made);
  }
}

/** Of a resident that does not move both are the first half. */
function halfRead({ moves }: Seat, side: 0 | 1): 0 | 1 {
  return moves ? side : 0;
}

function halfWritten({ moves }: Seat, side: 0 | 1): 0 | 1 {
  return moves && side === 0 ? 1 : 0;
}
