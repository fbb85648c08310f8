import { call, castTo, constant, input, type ScalarExpr } from '../expr.js';
import { isFloat, type DType } from '../spec.js';
import { exprDType, SCALAR_FUNCTIONS } from './functions.js';

/**
 * Reverse-mode differentiation of one scalar expression: for each input, upstream · ∂expr/∂input, where the upstream is
 * one more input behind the others; null where the derivative is 0 everywhere.
 */
export function scalarVjp(expr: ScalarExpr, inputs: readonly DType[]): (ScalarExpr | null)[] {
  const adjoints = new Map<ScalarExpr, ScalarExpr>([[expr, input(inputs.length)]]);
  const result = new Array<ScalarExpr | null>(inputs.length).fill(null);
  for (const node of orderFromRoot(expr)) {
    const adjoint = adjoints.get(node);
    if (adjoint === undefined || node.kind === 'const') continue;
    if (node.kind === 'input') {
      const { index } = node;
      if (isFloat(inputs[index])) result[index] = sum(result[index], adjoint);
    } else if (node.kind === 'cast') {
      const [arg] = node.args;
      const from = exprDType(arg, inputs);
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
  adjoints.set(node, sum(adjoints.get(node) ?? null, adjoint));
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

/** Every node before its arguments. */
function orderFromRoot(root: ScalarExpr): ScalarExpr[] {
  const seen = new Set<ScalarExpr>();
  const order: ScalarExpr[] = [];
  const visit = (node: ScalarExpr): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'call' || node.kind === 'cast') node.args.forEach(visit);
    order.push(node);
  };
  visit(root);
  return order.reverse();
}
