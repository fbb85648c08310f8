import { input, type Backend, type OpDef, type Spec } from '@lemmata/tensor';
import { sameShape } from '@lemmata/shape';
import { countUses, type Line, type Program, type ValueId } from '../program.js';

/**
 * An elementwise line that alone reads the first output of a line before it becomes that line's epilogue, where the backend
 * has a kernel that takes one. Exact: the same expression on the same values, which rounds as it did.
 */
export function fuseEpilogues(program: Program, backend: Backend): Program {
  if (backend.takesEpilogue === undefined) return program;
  const uses = countUses(program);
  const { lines } = program;
  const { madeAt, readyAt } = readiness(lines);
  const now: (Line | null)[] = [...lines];
  const before = lines.map((): Line[] => []);
  const moveBefore = (at: number, id: ValueId): void => {
    const made = madeAt.get(id) ?? -1;
    if (made < at) return;
    moveBefore(at, lines[made].inputs[0]);
    before[at].push(lines[made]);
    now[made] = null;
    madeAt.set(id, at);
  };
  lines.forEach((line, i) => {
    if (line.op.expr === undefined) return;
    const at = Math.max(...line.inputs.map(readyAt));
    const base = now[at];
    if (base === undefined || base === null || !takes(program, backend, base, line, uses)) return;
    if (readsFurther(line, base, at, readyAt)) return;
    for (const id of line.inputs) if (id !== base.outputs[0]) moveBefore(at, id);
    now[at] = together(program, base, line);
    now[i] = null;
    madeAt.set(line.outputs[0], at);
  });
  return { ...program, lines: now.flatMap((line, i) => (line === null ? before[i] : [...before[i], line])) };
}

/** The lines that would become an epilogue or the end of one, as the program stands, and of which line. */
export function epilogueBases(program: Program, backend: Backend): ReadonlyMap<Line, Line> {
  const bases = new Map<Line, Line>();
  if (backend.takesEpilogue === undefined) return bases;
  const uses = countUses(program);
  const { readyAt } = readiness(program.lines);
  for (const line of program.lines) {
    if (line.op.expr === undefined) continue;
    const at = Math.max(...line.inputs.map(readyAt));
    const before = program.lines[at];
    if (before === undefined) continue;
    if (before.op.expr === undefined) {
      if (takes(program, backend, before, line, uses) && !readsFurther(line, before, at, readyAt))
        bases.set(line, before);
    } else if (isAloneIn(line, before, uses) && bases.has(before)) bases.set(line, bases.get(before)!);
  }
  return bases;
}

/** Whether a line alone reads the first output of another. */
function isAloneIn(line: Line, { outputs: [first] }: Line, uses: readonly number[]): boolean {
  const reads = line.inputs.filter((id) => id === first).length;
  return reads > 0 && reads === uses[first];
}

/** Whether a line reads another output of the line before it too, itself or as a layout: while that line runs it is not there yet. */
function readsFurther(line: Line, { outputs: [first] }: Line, at: number, readyAt: Readiness['readyAt']): boolean {
  return line.inputs.some((id) => id !== first && readyAt(id) === at);
}

interface Readiness {
  /** The line that makes a value. */
  readonly madeAt: Map<ValueId, number>;
  /** The line after which a value can be there: layouts cost nothing, and can be moved before the line that reads them. */
  readonly readyAt: (id: ValueId) => number;
}

function readiness(lines: readonly Line[]): Readiness {
  const madeAt = new Map<ValueId, number>();
  lines.forEach((line, i) => line.outputs.forEach((id) => madeAt.set(id, i)));
  const readyAt = (id: ValueId): number => {
    const line = lines[madeAt.get(id) ?? -1];
    return line?.op.alias === undefined ? (madeAt.get(id) ?? -1) : readyAt(line.inputs[0]);
  };
  return { madeAt, readyAt };
}

function takes(program: Program, backend: Backend, base: Line, then: Line, uses: readonly number[]): boolean {
  const { expr, alias, epilogue } = base.op;
  if (expr !== undefined || alias !== undefined || epilogue !== undefined) return false;
  const made = program.values[base.outputs[0]].spec;
  const makes = program.values[then.outputs[0]].spec;
  if (!isAloneIn(then, base, uses) || made.dtype !== makes.dtype || !sameShape(made.shape, makes.shape)) return false;
  const specs = base.inputs.map((id) => program.values[id].spec);
  return backend.takesEpilogue!(base.op, base.attrs, specs);
}

function together(program: Program, base: Line, then: Line): Line {
  const [first, ...others] = base.outputs;
  const further = then.inputs.filter((id) => id !== first);
  let next = 1;
  const expr = then.op.expr!(then.attrs, ...then.inputs.map((id) => input(id === first ? 0 : next++)));
  const outputs = [then.outputs[0], ...others];
  const specs = outputs.map((id): Spec => program.values[id].spec);
  const op: OpDef = {
    name: `${base.op.name}+${then.op.name}`,
    infer: () => specs,
    epilogue: { of: base.op, arity: base.inputs.length, expr },
  };
  return { ...base, op, inputs: [...base.inputs, ...further], outputs };
}
