import { sizeOf } from '@lemmata/shape';
import { AllFinite, elementwise, isContiguous, isFloat, NO_ATTRS, type Layout, type OpDef } from '@lemmata/tensor';
import { followLayouts } from './plan.js';
import type { Line, Program, Value, ValueId } from './program.js';

/** The same elements in other memory. */
const Copy: OpDef = elementwise({ name: 'copy', expr: (_, x) => x });

/** A result that replaces an argument. */
export interface Replacement {
  /** Number of the result, and the input whose place it takes. */
  readonly result: number;
  readonly input: ValueId;
}

export interface Landed {
  readonly program: Program;
  /** For values that are to be computed in the new memory of an argument: the number of the replacement. */
  readonly landings: ReadonlyMap<ValueId, number>;
  /** Replacements by what is there already. */
  readonly unchanged: ReadonlySet<number>;
}

/** Lets results be computed where they are to stay; those that cannot be (another argument, a constant, one value twice) are copied there by a line more. */
export function land(program: Program, replacements: readonly Replacement[]): Landed {
  const { layouts, roots } = followLayouts(program);
  const madeByLines = new Set(program.lines.flatMap((line) => line.outputs));
  const values: Value[] = [...program.values];
  const lines: Line[] = [...program.lines];
  const results = [...program.results];
  const landings = new Map<ValueId, number>();
  const unchanged = new Set<number>();
  replacements.forEach(({ result, input }, k) => {
    const id = results[result];
    const root = roots.get(id) ?? id;
    const whole = isWhole(layouts.get(id)!, sizeOf(values[root].spec.shape));
    if (root === input && whole) unchanged.add(k);
    else if (whole && madeByLines.has(root) && !landings.has(root)) landings.set(root, k);
    else {
      const copy = values.push({ spec: values[id].spec }) - 1;
      lines.push({ op: Copy, attrs: NO_ATTRS, inputs: [id], outputs: [copy], site: new Error('copy') });
      landings.set(copy, k);
      results[result] = copy;
    }
  });
  return { program: { ...program, values, lines, results }, landings, unchanged };
}

/** The program with one more line and result: whether all results are finite. If none is a float, the program as it is, and null. */
export function withFiniteCheck(program: Program): { readonly program: Program; readonly check: ValueId | null } {
  const inputs = [...new Set(program.results)].filter((id) => isFloat(program.values[id].spec.dtype));
  if (inputs.length === 0) return { program, check: null };
  const check = program.values.length;
  const values = [...program.values, { spec: AllFinite.infer(NO_ATTRS)[0] }];
  const line: Line = { op: AllFinite, attrs: NO_ATTRS, inputs, outputs: [check], site: new Error('allFinite') };
  return { program: { ...program, values, lines: [...program.lines, line] }, check };
}

/** All elements of the memory that it lies in, in their order. */
function isWhole(layout: Layout, size: number): boolean {
  return layout.offset === 0 && sizeOf(layout.shape) === size && isContiguous(layout);
}
