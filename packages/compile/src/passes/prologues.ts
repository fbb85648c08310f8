import { sizeOf } from '@lemmata/shape';
import { input, type Backend, type OpDef, type Spec } from '@lemmata/tensor';
import { countUses, type Line, type Program, type ValueId } from '../program.js';

/**
 * An elementwise line whose only reader makes less than it reads, as a reduction does, becomes that reader's prologue, where
 * the backend takes one: the value is never stored. Exact: the same expression rounds as it did, and
 * the op takes its elements in the order in which it would read them.
 */
export function fusePrologues(program: Program, backend: Backend): Program {
  if (backend.takesPrologue === undefined) return program;
  const uses = countUses(program);
  const maker = new Map<ValueId, Line>();
  for (const line of program.lines) if (line.op.expr !== undefined) maker.set(line.outputs[0], line);
  const absorbed = new Set<Line>();
  const lines = program.lines.map((line): Line => {
    const first = maker.get(line.inputs[0]);
    if (first === undefined || uses[line.inputs[0]] !== 1) return line;
    const fused = together(program, backend, first, line);
    if (fused === null) return line;
    absorbed.add(first);
    return fused;
  });
  return { ...program, lines: lines.filter((line) => !absorbed.has(line)) };
}

/** The two lines as one; null where they stay two. */
function together(program: Program, backend: Backend, first: Line, then: Line): Line | null {
  const specOf = (id: ValueId): Spec => program.values[id].spec;
  const { op, attrs } = then;
  if (op.expr !== undefined || op.alias !== undefined || then.inputs.length !== 1) return null;
  const made = specOf(then.inputs[0]);
  const specs = then.outputs.map(specOf);
  if (specs.some(({ shape }) => sizeOf(shape) >= sizeOf(made.shape))) return null;
  const expr = first.op.expr!(first.attrs, ...first.inputs.map((_, i) => input(i)));
  if (!backend.takesPrologue!(op, attrs, made, expr)) return null;
  const fused: OpDef = {
    name: `${first.op.name}+${op.name}`,
    infer: () => specs,
    prologue: { of: op, expr, dtype: made.dtype },
  };
  return { ...then, op: fused, inputs: first.inputs };
}
