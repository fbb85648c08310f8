import { Eager, EAGER_REFERENCE, highest, isTensor, packInto, viewOf, type Tensor } from '@lemmata/tensor';
import { compileProgram, halfRead, halfWritten, Residents, type Compilation, type Subject } from './compilation.js';
import type { CompileOptions } from './compile.js';
import { describeProgram } from './describe.js';
import { SlotPool, type Run } from './executable.js';
import { NonFiniteError } from './non-finite.js';
import { Profiling } from './profile/profiling.js';
import { build, isDynamic, match, takeApart } from './template.js';

/** So many programs for one function hint at something in the arguments that changes at each call. */
const MANY = 16;

export class CompiledFunction {
  readonly programs: Compilation[] = [];
  private readonly subject: Subject;
  private readonly name: string;
  private readonly warn: (message: string) => void;
  private readonly fate: string;
  private eager: Eager | null = null;
  private pool: SlotPool | null = null;
  private last: Compilation | null = null;
  private profiling: Profiling | null = null;
  private readonly residents = new Residents();

  constructor(f: (...args: unknown[]) => unknown, options: CompileOptions) {
    const { name = f.name || 'compiled function', donate = 0, constant = 0, fuse = true } = options;
    const { nonFinite = donate > 0 ? 'refuse' : 'allow' } = options;
    for (const [option, count] of Object.entries({ donate, constant }))
      if (!Number.isInteger(count) || count < 0)
        throw new RangeError(`compile: ${option} counts arguments, received ${count}`);
    if (nonFinite !== 'refuse' && nonFinite !== 'allow')
      throw new RangeError(`compile: nonFinite is 'refuse' or 'allow', received ${String(nonFinite)}`);
    const refuse = nonFinite === 'refuse';
    this.name = name;
    this.subject = { f, name, donate, constant, refuse, fuse };
    this.warn = options.onWarning ?? ((message) => console.warn(message));
    this.fate = `it was donated to ${this.name}, which has replaced it; use what the call returned`;
  }

  get workingBytes(): number {
    return this.pool?.sizes.reduce((a, b) => a + b, 0) ?? 0;
  }

  toString(): string {
    return this.programs.map(({ once, executable }) => describeProgram(this.name, once, executable)).join('\n\n');
  }

  call(args: readonly unknown[]): unknown {
    const compilation = this.find(args) ?? this.add(args);
    if (compilation === null) return this.subject.f(...args);
    this.last = compilation;
    const { executable, once, leader } = compilation;
    const { profiling } = this;
    const side = leader?.current ?? 0;
    const run = executable.runs[side];
    profiling?.begin(executable);
    this.load(compilation, run, side);
    if (compilation.stale) {
      once?.runs[0]!.run();
      executable.prepare();
      compilation.stale = false;
    }
    const finite = profiling === null ? run.run() : run.runByLine(profiling.mark);
    if (!finite && this.subject.refuse) throw this.refusal(compilation, run);
    const result = this.deliver(compilation, run, side);
    profiling?.end();
    return result;
  }

  private refusal({ once, paths, fixed }: Compilation, run: Run): NonFiniteError {
    const constant = paths.filter((_, i) => fixed[i]);
    return (
      once?.runs[0]!.explain(this.name, constant) ??
      run.explain(this.name, paths) ??
      new NonFiniteError(`${this.name}: the result is not finite; nothing was changed`, null, null, [])
    );
  }

  profile(clock: () => number): Profiling {
    return (this.profiling = new Profiling(this.name, clock, (ended) => {
      if (this.profiling === ended) this.profiling = null;
    }));
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
      if (!match(templates[i], args[i], [eager, EAGER_REFERENCE], leaves)) return false;
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
    const compilation = compileProgram(this.subject, taken, top.backend, this.pool!, this.residents);
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

  /** Puts the arguments where the program reads them, unless they are there. */
  private load(compilation: Compilation, run: Run, side: 0 | 1): void {
    const { leaves, seats, held, fixed } = compilation;
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i];
      const seat = seats[i]!;
      const target = run.inputs[i];
      if (fixed[i] && !Object.is(held[i], leaf)) compilation.stale = true;
      if (seat !== null) {
        const { resident } = seat;
        if (resident.tensor === leaf) {
          resident.turnTo(halfRead(seat, side));
          continue;
        }
        // First: a view of what stands there moves out with it.
        resident.evict();
      }
      if (typeof leaf === 'number') {
        held[i] = target.data[0] = leaf;
        continue;
      }
      const source = viewOf(leaf, this.name);
      if (held[i] === leaf) continue;
      packInto(source, target.data);
      if (seat === null) held[i] = leaf;
    }
  }

  /** Results that replace nothing are copied out; then, last, the others take the place of what was donated. */
  private deliver(compilation: Compilation, run: Run, side: 0 | 1): unknown {
    const eager = this.eager!;
    const { name, fate, residents } = this;
    const { outcomes, result } = compilation;
    const made = new Array<Tensor | null>(outcomes.length);
    for (let i = 0; i < outcomes.length; i++) {
      const { spec, seat } = outcomes[i];
      made[i] = null;
      if (seat !== null) continue;
      const tensor = (made[i] = eager.allocate(spec, name));
      packInto(run.results[i], viewOf(tensor, name).data);
    }
    residents.tensors = residents.tensors.slice();
    const leaves = (compilation.leaves = compilation.leaves.slice());
    for (let i = 0; i < outcomes.length; i++) {
      const { seat, input } = outcomes[i];
      if (seat !== null) leaves[input] = made[i] = seat.resident.replace(halfWritten(seat, side), eager, name, fate);
    }
    return build(result, made);
  }
}
