import { isTensor, recording, sameSpec, type Backend, type Spec, type Tensor, type TypedArray } from '@lemmata/tensor';
import { Executable, type SlotPool } from './executable.js';
import { land, withFiniteCheck, type Replacement } from './landing.js';
import { optimise } from './optimise.js';
import type { Program } from './program.js';
import { reserved, Resident } from './resident.js';
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
  /** Whose place it takes; null if it is copied out. */
  readonly seat: Seat | null;
}

/** A function as a program for arguments of one structure. */
export interface Compilation {
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

/** What all programs of one function have in common. */
export interface Subject {
  readonly f: (...args: unknown[]) => unknown;
  readonly name: string;
  /** How many leading arguments are given up. */
  readonly donate: number;
  /** Whether a call whose results are not finite is refused. */
  readonly refuse: boolean;
  readonly fuse: boolean;
}

/** The memory of donated leaves: the same for all programs of a function. */
export class Residents {
  /** The arrays of all of them. */
  readonly owned: Set<TypedArray> = new Set();
  private readonly byPlace = new Map<string, Resident>();

  at(path: string, spec: Spec, backend: Backend): Resident {
    const key = `${path} ${spec.dtype} ${spec.shape.join()}`;
    let resident = this.byPlace.get(key);
    if (resident === undefined) {
      resident = new Resident(spec, backend);
      this.byPlace.set(key, resident);
      for (const { data } of resident.halves) this.owned.add(data);
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
  const { f, name, refuse, fuse } = subject;
  const trace = new Trace(backend);
  const inputs = args.flatMap(({ leaves }) => leaves.map((leaf) => trace.input(specOf(leaf))));
  const traced = args.map(({ template }) => build(template, inputs));
  const returned = recording(() => f(...traced));
  if (typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function') {
    throw new TypeError(`${name}: a compiled function must be synchronous; it returned a promise`);
  }
  const result = takeApart(returned, isTensor);
  const optimised = optimise(trace.finish(result.leaves), backend, fuse);
  const paths = args.flatMap(({ paths }, i) => paths.map((path) => (path === '' ? `${i}` : `${i}.${path}`)));
  const replacements = pairDonations(subject, args, paths, returned, result, optimised);
  const { program, landings, unchanged } = land(optimised, replacements);

  const seats = program.inputs.map((id, i): Seat | null => {
    const k = replacements.findIndex(({ input }) => input === id);
    if (k < 0) return null;
    return { resident: residents.at(paths[i]!, program.values[id]!.spec, backend), moves: !unchanged.has(k) };
  });
  const seatOf = ({ input }: Replacement): Seat => seats[program.inputs.indexOf(input)]!;
  const own = program.inputs.map((id, i) => (seats[i] === null ? reserved(backend, program.values[id]!.spec) : null));
  const leader = seats.find((seat) => seat?.moves)?.resident ?? null;
  const sides = (leader === null ? ([0] as const) : ([0, 1] as const)).map((side) => ({
    inputs: seats.map((seat, i) => (seat === null ? own[i]! : seat.resident.halves[halfRead(seat, side)])),
    landings: replacements.map((replacement) => seatOf(replacement).resident.halves[side === 0 ? 1 : 0]),
  }));
  const planned = refuse ? withFiniteCheck(program) : { program, check: null };
  return {
    executable: new Executable({ ...planned, landings }, backend, pool, sides),
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
function pairDonations(
  { name, donate }: Subject,
  args: Arguments,
  inputPaths: readonly string[],
  returned: unknown,
  { leaves, paths }: TakenApart<Tensor>,
  { inputs }: Program,
): Replacement[] {
  if (donate === 0) return [];
  if (!Array.isArray(returned) && donate > 1) {
    throw new TypeError(
      `${name}: with donate: ${donate} it must return an array whose first ${donate} entries replace the donated arguments`,
    );
  }
  const donated = new Map<string, number>();
  const given = args.flatMap((one) => one.leaves);
  const count = args.slice(0, donate).reduce((n, one) => n + one.leaves.length, 0);
  for (let i = 0; i < count; i++) donated.set(inputPaths[i]!, i);
  return leaves.flatMap(({ spec }, result) => {
    const path = paths[result]!;
    const i = donated.get(Array.isArray(returned) ? path : path === '' ? '0' : `0.${path}`);
    return i !== undefined && sameSpec(specOf(given[i]!), spec) ? [{ result, input: inputs[i]! }] : [];
  });
}

/** Of a resident that does not move both are the first half. */
export function halfRead({ moves }: Seat, side: 0 | 1): 0 | 1 {
  return moves ? side : 0;
}

export function halfWritten({ moves }: Seat, side: 0 | 1): 0 | 1 {
  return moves && side === 0 ? 1 : 0;
}
