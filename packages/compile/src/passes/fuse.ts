import { castTo, constant, input, substitute, type Backend, type OpDef, type ScalarExpr } from '@lemmata/tensor';
import { countUses, uniformConstant, type Line, type Program, type ValueId } from '../program.js';
import { epilogueBases } from './epilogues.js';

/** A fused expression of more ops than this is cut: it would hold more registers than the cache. */
const LARGEST = 48;

/**
 * Makes one line of each group of elementwise lines in which every value but the last is read inside the group only.
 * Exact: the scalar expression rounds after every op as the lines did, and nothing is contracted or reordered.
 *
 * Of lines that would be epilogues of different kernels each stays by itself: a sum of many products is then added up while
 * they are made, where one line of it all would read them again when they have left the cache.
 */
export function fuseElementwise(program: Program, backend?: Backend): Program {
  const uses = countUses(program);
  const bases = backend === undefined ? new Map<Line, Line>() : epilogueBases(program, backend);
  const madeBy = new Map<ValueId, number>();
  program.lines.forEach((line, i) => line.outputs.forEach((id) => madeBy.set(id, i)));
  const absorbed = new Set<number>();
  const lines: Line[] = [];
  for (let i = program.lines.length - 1; i >= 0; i--) {
    if (absorbed.has(i)) continue;
    const line = program.lines[i];
    if (line.op.expr === undefined) {
      lines.push(line);
      continue;
    }
    const group = growGroup(program, i, madeBy, uses, absorbed, bases);
    for (const member of group) absorbed.add(member);
    lines.push(
      fusedLine(
        program,
        group.sort((a, b) => a - b),
      ),
    );
  }
  return { ...program, lines: lines.reverse() };
}

/** The line and every elementwise line before it whose value is read by members of the group only. */
function growGroup(
  program: Program,
  last: number,
  madeBy: ReadonlyMap<ValueId, number>,
  uses: readonly number[],
  taken: ReadonlySet<number>,
  bases: ReadonlyMap<Line, Line>,
): number[] {
  const group = [last];
  let base = bases.get(program.lines[last]);
  const readInside = new Map<ValueId, number>();
  const pending = [last];
  while (pending.length > 0 && group.length < LARGEST) {
    const line = program.lines[pending.shift()!];
    for (const id of line.inputs) {
      const reads = (readInside.get(id) ?? 0) + 1;
      readInside.set(id, reads);
      const maker = madeBy.get(id);
      if (maker === undefined || taken.has(maker) || reads !== uses[id]) continue;
      if (program.lines[maker].op.expr === undefined || group.length >= LARGEST) continue;
      const its = bases.get(program.lines[maker]);
      if (base !== undefined && its !== undefined && its !== base) continue;
      base ??= its;
      group.push(maker);
      pending.push(maker);
    }
  }
  return group;
}

function fusedLine(program: Program, group: readonly number[]): Line {
  const members = group.map((i) => program.lines[i]);
  const last = members[members.length - 1];
  const exprs = new Map<ValueId, ScalarExpr>();
  const inputs: ValueId[] = [];
  const operand = (id: ValueId): ScalarExpr => {
    let expr = exprs.get(id);
    if (expr === undefined) {
      const value = program.values[id];
      const uniform = uniformConstant(value);
      expr = uniform === null ? input(inputs.push(id) - 1) : castTo(value.spec.dtype, constant(uniform));
      exprs.set(id, expr);
    }
    return expr;
  };
  for (const line of members) exprs.set(line.outputs[0], line.op.expr!(line.attrs, ...line.inputs.map(operand)));
  if (members.length === 1 && (inputs.length === 0 || inputs.length === last.inputs.length)) return last;
  // A line reads something, be it for its shape alone.
  if (inputs.length === 0) inputs.push(members[0].inputs[0]);
  return { ...last, op: fusedOp(members, exprs.get(last.outputs[0])!, program), attrs: {}, inputs };
}

/** An elementwise op of no one's but this program. */
function fusedOp(members: readonly Line[], expr: ScalarExpr, program: Program): OpDef {
  const spec = program.values[members[members.length - 1].outputs[0]].spec;
  const name = members.map((line) => line.op.name).join('+');
  return { name, infer: () => [spec], expr: (_, ...inputs) => substitute(expr, inputs) };
}
