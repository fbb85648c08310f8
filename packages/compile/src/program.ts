import { attrsKey, formatSpec, isUniform, type OpDef, type Spec, type View } from '@lemmata/tensor';
import { sizeOf } from '@lemmata/shape';

/** Number of a value in its program. */
export type ValueId = number;

export interface Value {
  readonly spec: Spec;
  /** Set for a constant: its elements, baked into the program. */
  readonly constant?: View;
}

/** One op applied to values; every value is made by one line, or is an input or a constant. */
export interface Line {
  readonly op: OpDef;
  readonly attrs: unknown;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  /** Where it was applied; its stack names the user's line. */
  readonly site: Error;
  /** The lines that run side by side in this one. */
  readonly parts?: readonly Line[];
}

/** A traced function: straight-line code in single assignment form. Passes make new programs from it. */
export interface Program {
  readonly values: readonly Value[];
  readonly inputs: readonly ValueId[];
  readonly lines: readonly Line[];
  readonly results: readonly ValueId[];
}

/** The one value of a constant that is the same everywhere, or null. */
export function uniformConstant(value: Value): number | null {
  const view = value.constant;
  return view !== undefined && isUniform(view) && sizeOf(view.shape) > 0 ? view.data[view.offset] : null;
}

/** How many lines read each value; being a result counts as one. */
export function countUses(program: Program): number[] {
  const uses = new Array<number>(program.values.length).fill(0);
  for (const line of program.lines) for (const id of line.inputs) uses[id]++;
  for (const id of program.results) uses[id]++;
  return uses;
}

/**
 * Throws unless the program is well formed: every value is made once and before it is read, and every line's outputs
 * have the specs that its op infers. Run after every pass.
 */
export function verify(program: Program, pass: string): void {
  const known = new Set<ValueId>(program.inputs);
  program.values.forEach((value, id) => value.constant !== undefined && known.add(id));
  const fail = (line: Line | null, what: string): never => {
    throw new Error(`compile: after ${pass}, ${line === null ? 'the program' : `line ${line.op.name}`} ${what}`);
  };
  for (const line of program.lines) {
    for (const id of line.inputs) if (!known.has(id)) fail(line, `reads %${id} before it is made`);
    const inferred = line.op.infer(line.attrs, ...line.inputs.map((id) => program.values[id].spec));
    line.outputs.forEach((id, i) => {
      if (known.has(id)) fail(line, `makes %${id} a second time`);
      known.add(id);
      const [made, expected] = [formatSpec(program.values[id].spec), formatSpec(inferred[i])];
      if (made !== expected) fail(line, `makes %${id} as ${made}, but its op infers ${expected}`);
    });
  }
  for (const id of program.results) if (!known.has(id)) fail(null, `returns %${id}, which nothing makes`);
}

/** One line of text for a line: `%7 float32[64, 10] = matmul(%3, %5) {…}`; of several side by side the first, and how many. */
export function formatLine(program: Program, line: Line): string {
  if (line.parts !== undefined) return `${formatLine(program, line.parts[0])} ×${line.parts.length}`;
  const outputs = line.outputs.map((id) => `%${id} ${formatSpec(program.values[id].spec)}`).join(', ');
  const inputs = line.inputs.map((id) => formatOperand(program, id)).join(', ');
  const attrs = attrsKey(line.attrs);
  return `${outputs} = ${line.op.name}(${inputs})${attrs === '' ? '' : ` ${attrs}`}`;
}

function formatOperand(program: Program, id: ValueId): string {
  const value = uniformConstant(program.values[id]);
  return value === null ? `%${id}` : String(value);
}

/** A program as text: its inputs, a line for each of its lines, and its results. */
export function formatProgram(program: Program): string {
  return [
    `inputs  ${program.inputs.map((id) => `%${id} ${formatSpec(program.values[id].spec)}`).join(', ')}`,
    ...program.lines.map((line) => `  ${formatLine(program, line)}`),
    `results ${program.results.map((id) => `%${id}`).join(', ')}`,
  ].join('\n');
}
