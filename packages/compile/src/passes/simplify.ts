import { input, nodesOf, type OpDef, type ScalarExpr, type Spec } from '@lemmata/tensor';
import { sameShape } from '@lemmata/shape';
import type { Line, Program, ValueId } from '../program.js';

/** An elementwise line that gives back one of its inputs, as the gradient of a sum does, is that input. */
export function forwardIdentities(program: Program): Program {
  const same = new Map<ValueId, ValueId>();
  const now = (id: ValueId): ValueId => same.get(id) ?? id;
  const lines: Line[] = [];
  for (const line of program.lines) {
    const inputs = line.inputs.map(now);
    const expr = exprOf(line);
    const from = expr?.kind === 'input' ? inputs[expr.index] : null;
    const to = line.outputs[0];
    if (from !== null && alike(program.values[from].spec, program.values[to].spec)) same.set(to, from);
    else lines.push({ ...line, inputs });
  }
  return { ...program, lines, results: program.results.map(now) };
}

/** Elementwise lines without the inputs that their expression does not read: the gradient of a · b for a needs b alone. */
export function dropUnreadInputs(program: Program): Program {
  const lines = program.lines.map((line) => {
    const expr = exprOf(line);
    if (expr === null) return line;
    const read = [...new Set(nodesOf(expr).flatMap((node) => (node.kind === 'input' ? [node.index] : [])))].sort(
      (a, b) => a - b,
    );
    if (read.length === line.inputs.length || read.length === 0) return line;
    const spec = program.values[line.outputs[0]].spec;
    return { ...line, op: narrowed(line, read, spec), attrs: {}, inputs: read.map((i) => line.inputs[i]) };
  });
  return { ...program, lines };
}

function exprOf({ op, attrs, inputs }: Line): ScalarExpr | null {
  return op.expr?.(attrs, ...inputs.map((_, i) => input(i))) ?? null;
}

function alike(a: Spec, b: Spec): boolean {
  return a.dtype === b.dtype && a.weak === b.weak && sameShape(a.shape, b.shape);
}

function narrowed({ op, attrs, inputs }: Line, read: readonly number[], spec: Spec): OpDef {
  return {
    name: op.name,
    infer: () => [spec],
    // What is not read may be anything.
    expr: (_, ...given) => op.expr!(attrs, ...inputs.map((_, i) => given[Math.max(0, read.indexOf(i))])),
  };
}
