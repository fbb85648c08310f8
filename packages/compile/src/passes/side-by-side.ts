import { sizeOf } from '@lemmata/shape';
import { attrsKey, input, scalarValues, type DType, type OpDef, type ScalarExpr, type Spec } from '@lemmata/tensor';
import { followLayouts } from '../plan.js';
import type { Line, Program, ValueId } from '../program.js';

/** Elements of the largest value of a line that gains from company: a larger one keeps all threads busy by itself. */
const LARGEST = 2 ** 16;

/**
 * Makes one line of lines that do the same to different operands, as the updates of all parameters do. Exact: each is
 * computed as it was.
 *
 * Only lines that make and read small values count, as do all that read what they make: they can go to the end, which
 * delays nothing else. Those of one height run side by side: the height of a line is the length of the longest way from it
 * to a value that nothing reads, so that none of them needs another.
 *
 * Where parts run again to save memory, a line that reads more than it makes stays where it is: what it reads would be kept to
 * the end.
 */
export function runSideBySide(program: Program): Program {
  const { lines, values } = program;
  const readers = new Map<ValueId, number[]>();
  lines.forEach((line, i) => {
    for (const id of line.inputs) readers.set(id, [...(readers.get(id) ?? []), i]);
  });
  const small = (id: ValueId): boolean => sizeOf(values[id].spec.shape) <= LARGEST;
  const saves = lines.some(({ op }) => op.again === true) ? readsMore(program) : () => false;
  /** −1 for lines that are not small, and for those that such a line reads. */
  const heights = new Array<number>(lines.length).fill(-1);
  for (let i = lines.length - 1; i >= 0; i--) {
    const { inputs, outputs } = lines[i];
    if (![...inputs, ...outputs].every(small) || saves(lines[i])) continue;
    const above = outputs.flatMap((id) => (readers.get(id) ?? []).map((k) => heights[k]));
    if (!above.includes(-1)) heights[i] = Math.max(-1, ...above) + 1;
  }
  const keyOf = keys(program);
  const groups = new Map<string, Line[]>();
  const groupOf = lines.map((line, i): Line[] => {
    if (heights[i] < 0) return [line];
    const key = `${heights[i]} ${keyOf(line) ?? `#${i}`}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
    return groups.get(key)!;
  });
  const moved = new Set<ValueId>();
  const last: { height: number; line: Line }[] = [];
  const first = lines.filter((line, i) => {
    if (groupOf[i].length === 1 && !line.inputs.some((id) => moved.has(id))) return true;
    for (const id of line.outputs) moved.add(id);
    if (groupOf[i][0] === line) last.push({ height: heights[i], line: together(groupOf[i], program) });
    return false;
  });
  last.sort((a, b) => b.height - a.height);
  return { ...program, lines: [...first, ...last.map(({ line }) => line)] };
}

/** Whether a line reads more elements, of values that the program makes, than it makes. */
function readsMore(program: Program): (line: Line) => boolean {
  const { roots } = followLayouts(program);
  const made = new Set(program.lines.flatMap(({ outputs }) => outputs));
  const elements = (ids: readonly ValueId[]): number =>
    [...new Set(ids)].reduce((sum, id) => sum + (made.has(id) ? sizeOf(program.values[id].spec.shape) : 0), 0);
  return ({ inputs, outputs }) => elements(inputs.map((id) => roots.get(id) ?? id)) > elements(outputs);
}

/** Text that is equal for lines that do the same; null for those that run alone. */
function keys({ values }: Program): (line: Line) => string | null {
  const numbers = new Map<OpDef, number>();
  return ({ op, attrs, inputs, outputs }) => {
    if (op.alias !== undefined || op.epilogue !== undefined) return null;
    const dtypes = inputs.map((id) => values[id].spec.dtype);
    const textOf = (expr: ScalarExpr, dtype: DType): string => {
      const { values: parts, results } = scalarValues([expr], dtypes, [dtype], op.name);
      return `${parts.map(({ text }) => text).join(';')}>${results[0]} ${dtype}`;
    };
    const from = ` of ${dtypes.join()}`;
    if (op.expr !== undefined)
      return textOf(op.expr(attrs, ...inputs.map((_, i) => input(i))), values[outputs[0]].spec.dtype) + from;
    const { prologue } = op;
    const key = prologue?.of ?? op;
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = numbers.size));
    const before = prologue === undefined ? '' : ` after ${textOf(prologue.expr, prologue.dtype)}`;
    return `${number} ${attrsKey(attrs)}${before}${from}`;
  };
}

function together(group: readonly Line[], { values }: Program): Line {
  const first = group[0];
  if (group.length === 1) return first;
  const outputs = group.flatMap((line) => line.outputs);
  const specs = outputs.map((id): Spec => values[id].spec);
  const op: OpDef = {
    name: `${first.op.name} ×${group.length}`,
    infer: () => specs,
    sideBySide: { of: first.op, times: group.length },
  };
  return { ...first, op, inputs: group.flatMap((line) => line.inputs), outputs, parts: group };
}
