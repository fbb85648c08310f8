import { isTensor, recording, sameSpec, type Backend, type Spec, type Tensor, type View } from '@lemmata/tensor';
import { Executable, type SlotPool } from './executable.js';
import { land, withFiniteCheck, type Replacement } from './landing.js';
import { optimise } from './optimise.js';
import type { Program, ValueId } from './program.js';
import { reserved, Resident, type Outside } from './resident.js';
import { build, specOf, takeApart, type TakenApart, type Template } from './template.js';
import { Trace } from './trace.js';

export type Arguments = readonly TakenApart<Tensor | number>[];

/** A resident as one program sees it: `moves` if the program writes the half that it does not read. */
export interface Seat {
  readonly resident: Resident;
  readonly moves: boolean;
}

/** What becomes of one result. */
interface Outcome {
  readonly spec: Spec;
  /** Whose place it takes, and the number of that input; null and -1 if it is copied out. */
  readonly seat: Seat | null;
  readonly input: number;
}

/** A function as a program for arguments of one structure. */
export interface Compilation {
  readonly executable: Executable;
  /** Computes what depends only on arguments that seldom change, an input of `executable`; null if there is none. */
  readonly once: Executable | null;
  /** Whether each input is such an argument. */
  readonly fixed: readonly boolean[];
  /** Whether one of them has changed since what depends on them was computed. */
  stale: boolean;
  readonly templates: readonly Template[];
  readonly paths: readonly string[];
  /** What stands at the places of the arguments in this call; after it, what is expected there in the next. A new list for each, as of {@link Outside}. */
  leaves: (Tensor | number)[];
  /** For each input: the memory of a donated leaf, or null. */
  readonly seats: readonly (Seat | null)[];
  /** What an input's memory holds: it is not copied again. */
  readonly held: (Tensor | number | null)[];
  /** The first seat that moves says which side is next: all move together. */
  readonly leader: Resident | null;
  readonly result: Template;
  readonly outcomes: readonly Outcome[];
}

/** What all programs of one function have in common. */
export interface Subject {
  readonly f: (...args: unknown[]) => unknown;
  readonly name: string;
  /** How many leading arguments are given up. */
  readonly donate: number;
  /** How many arguments behind these seldom change. */
  readonly constant: number;
  /** Whether a call whose results are not finite is refused. */
  readonly refuse: boolean;
  readonly fuse: boolean;
}

/** The memory of donated leaves: the same for all programs of a function. */
export class Residents implements Outside {
  tensors: (Tensor | null)[] = [];
  private readonly byPlace = new Map<string, Resident>();

  at(path: string, spec: Spec, backend: Backend): Resident {
    const key = `${path} ${spec.dtype} ${spec.shape.join()}`;
    let resident = this.byPlace.get(key);
    if (resident === undefined) {
      resident = new Resident(spec, backend, this);
      this.byPlace.set(key, resident);
    }
    return resident;
  }
}

/** Traces the function for these arguments, and plans and binds its program. */
export function compileProgram(
  subject: Subject,
  args: Arguments,
  backend: Backend,
  pool: SlotPool,
  residents: Residents,
): Compilation {
  const { f, name, donate, constant, refuse, fuse } = subject;
  const trace = new Trace(backend);
  const inputs = args.flatMap(({ leaves }) => leaves.map((leaf) => trace.input(specOf(leaf))));
  const traced = args.map(({ template }) => build(template, inputs));
  const returned = recording(() => f(...traced));
  if (typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function') {
    throw new TypeError(`${name}: a compiled function must be synchronous; it returned a promise`);
  }
  const result = takeApart(returned, isTensor);
  const whole = trace.finish(result.leaves);
  const fixed = args.flatMap(({ leaves }, i) => leaves.map(() => i >= donate && i < donate + constant));
  const fixedInputs = new Set(whole.inputs.filter((_, i) => fixed[i]));
  const { once, rest } = optimise(whole, backend, fuse, fixedInputs);
  const paths = args.flatMap(({ paths }, i) => paths.map((path) => (path === '' ? `${i}` : `${i}.${path}`)));
  const replacements = pairDonations(subject, args, paths, returned, result, rest);
  const { program, landings, unchanged } = land(rest, replacements);

  const seats = whole.inputs.map((id, i): Seat | null => {
    const k = replacements.findIndex(({ input }) => input === id);
    if (k < 0) return null;
    return { resident: residents.at(paths[i], program.values[id].spec, backend), moves: !unchanged.has(k) };
  });
  const seatOf = ({ input }: Replacement): Seat => seats[program.inputs.indexOf(input)]!;
  const memory = (id: ValueId): View => reserved(backend, whole.values[id].spec);
  const own = whole.inputs.map((id, i) => (seats[i] === null ? memory(id) : null));
  const made = once.results.map(memory);
  const leader = seats.find((seat) => seat?.moves)?.resident ?? null;
  const sides = (leader === null ? ([0] as const) : ([0, 1] as const)).map((side) => ({
    inputs: [
      ...seats.map((seat, i) => (seat === null ? own[i]! : seat.resident.halves[halfRead(seat, side)])),
      ...made,
    ],
    landings: replacements.map((replacement) => seatOf(replacement).resident.halves[side === 0 ? 1 : 0]),
  }));
  const planned = refuse ? withFiniteCheck(program) : { program, check: null };
  const steady = new Set([...fixedInputs, ...program.inputs.slice(seats.length)]);
  return {
    once:
      made.length === 0 ? null : onceExecutable(once, own.filter((_, i) => fixed[i]) as View[], made, backend, pool),
    executable: new Executable({ ...planned, landings, fixed: steady }, backend, pool, sides),
    fixed,
    stale: true,
    templates: args.map(({ template }) => template),
    paths,
    leaves: args.flatMap(({ leaves }) => leaves),
    seats,
    held: seats.map(() => null),
    leader,
    result: result.template,
    outcomes: result.leaves.map(({ spec }, i) => {
      const replacement = replacements.find((one) => one.result === i);
      const input = replacement === undefined ? -1 : program.inputs.indexOf(replacement.input);
      return { spec, seat: seats[input] ?? null, input };
    }),
  };
}

/** Its results land in memory that is read by the rest. */
function onceExecutable(
  program: Program,
  inputs: View[],
  landings: View[],
  backend: Backend,
  pool: SlotPool,
): Executable {
  const places = new Map(program.results.map((id, i) => [id, i]));
  return new Executable({ program, landings: places, check: null, fixed: new Set() }, backend, pool, [
    { inputs, landings },
  ]);
}

/** Results pair with the donated leaves of the same path and spec. */
function pairDonations(
  { name, donate }: Subject,
  args: Arguments,
  inputPaths: readonly string[],
  returned: unknown,
  { leaves, paths }: TakenApart<Tensor>,
  { inputs }: Program,
): Replacement[] {
  if (!Array.isArray(returned) && donate > 1) {
    throw new TypeError(
      `${name}: with donate: ${donate} it must return an array whose first ${donate} entries replace the donated arguments`,
    );
  }
  const donated = new Map<string, number>();
  const given = args.flatMap((one) => one.leaves);
  const count = args.slice(0, donate).reduce((n, one) => n + one.leaves.length, 0);
  for (let i = 0; i < count; i++) donated.set(inputPaths[i], i);
  return leaves.flatMap(({ spec }, result) => {
    const path = paths[result];
    const i = donated.get(Array.isArray(returned) ? path : path === '' ? '0' : `0.${path}`);
    return i !== undefined && sameSpec(specOf(given[i]), spec) ? [{ result, input: inputs[i] }] : [];
  });
}

/** Of a resident that does not move both are the first half. */
export function halfRead({ moves }: Seat, side: 0 | 1): 0 | 1 {
  return moves ? side : 0;
}

export function halfWritten({ moves }: Seat, side: 0 | 1): 0 | 1 {
  return moves && side === 0 ? 1 : 0;
}
