import { attrsKey, type OpDef } from '@lemmata/tensor';
import type { Line, Program, ValueId } from '../program.js';

/** Computes equal things once: ops are pure, so that the same op with the same attributes and inputs is the same value. */
export function mergeCommonSubexpressions(program: Program): Program {
  const same = new Map<ValueId, ValueId>();
  const now = (id: ValueId): ValueId => same.get(id) ?? id;
  const ops = new Map<OpDef, number>();
  const seen = new Map<string, Line>();
  const lines: Line[] = [];
  for (const line of program.lines) {
    const inputs = line.inputs.map(now);
    let op = ops.get(line.op);
    if (op === undefined) ops.set(line.op, (op = ops.size));
    const key = `${op} ${inputs.join()} ${attrsKey(line.attrs)}`;
    const before = seen.get(key);
    if (before !== undefined) {
      line.outputs.forEach((id, i) => same.set(id, before.outputs[i]));
      continue;
    }
    const kept = { ...line, inputs };
    seen.set(key, kept);
    lines.push(kept);
  }
  return { ...program, lines, results: program.results.map(now) };
}
