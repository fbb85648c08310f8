import { call, castTo, constant, input, nodesOf, type ScalarExpr } from '../expr.js';
import { isFloat, type DType } from '../spec.js';
import { SCALAR_FUNCTIONS } from './functions.js';
import { exprTypes } from './types.js';

/**
 * Reverse-mode differentiation of one scalar expression: for each input, upstream · ∂expr/∂input, where the upstream is
 * one more input behind the others; null where the derivative is 0 everywhere. Conditions, comparisons and whatever
 * else is constant almost everywhere end the way back; nothing is refused.
 */
export function scalarVjp(expr: ScalarExpr, inputs: readonly DType[], op: string): (ScalarExpr | null)[] {
  const types = exprTypes([expr], inputs, op);
  const adjoints = new Map<ScalarExpr, ScalarExpr>();
  const result = new Array<ScalarExpr | null>(inputs.length).fill(null);
  if (isFloat(types.get(expr) ?? 'float64')) adjoints.set(expr, input(inputs.length));
  for (const node of nodesOf(expr).reverse()) {
    const adjoint = adjoints.get(node);
    if (adjoint === undefined || node.kind === 'const') continue;
    if (node.kind === 'input') {
      const { index } = node;
      if (isFloat(inputs[index])) result[index] = sum(result[index], adjoint);
    } else if (node.kind === 'cast') {
      const [arg] = node.args;
      const from = types.get(arg)!;
      if (from !== null && isFloat(from) && isFloat(node.dtype)) add(adjoints, arg, castTo(from, adjoint));
    } else if (node.fn === 'select') {
      // The branch not taken gets 0 itself, not 0 times something.
      const [condition, a, b] = node.args;
      add(adjoints, a, call('select', condition, adjoint, 0));
      add(adjoints, b, call('select', condition, 0, adjoint));
    } else {
      const partials = SCALAR_FUNCTIONS[node.fn].partials(node.args, node);
      node.args.forEach((arg, i) => {
        const partial = partials[i];
        if (partial !== null) add(adjoints, arg, chain(adjoint, partial));
      });
    }
  }
  return result;
}

function add(adjoints: Map<ScalarExpr, ScalarExpr>, node: ScalarExpr, adjoint: ScalarExpr): void {
  if (node.kind !== 'const') adjoints.set(node, sum(adjoints.get(node) ?? null, adjoint));
}

function sum(a: ScalarExpr | null, b: ScalarExpr): ScalarExpr {
  return a === null ? b : call('add', a, b);
}

function chain(adjoint: ScalarExpr, partial: ScalarExpr): ScalarExpr {
  if (partial.kind === 'const') {
    if (partial.value === 1) return adjoint;
    if (partial.value === -1) return call('neg', adjoint);
    return call('mul', adjoint, constant(partial.value));
  }
  return call('chain', adjoint, partial);
}
