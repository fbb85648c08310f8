import { call, castTo, constant, input, nodesOf, type ScalarExpr } from '../expr.js';
import { isFloat, type DType } from '../spec.js';
import { fold } from './fold.js';
import { SCALAR_FUNCTIONS } from './functions.js';
import { exprTypes } from './types.js';

/**
 * Reverse-mode differentiation of one scalar expression: for each input, upstream · ∂expr/∂input, where the upstream is
 * one more input behind the others; null where the derivative is 0 everywhere. Conditions, comparisons and whatever
 * else is constant almost everywhere end the way back; nothing is refused.
 *
 * The way back begins with 1, and the upstream is multiplied in last: carried along, it would be multiplied by x before
 * s′(x) in the gradient of x · s(x), and overflow where x · s′(x) is nearly 0.
 */
export function scalarVjp(expr: ScalarExpr, inputs: readonly DType[], op: string): (ScalarExpr | null)[] {
  const types = exprTypes([expr], inputs, op);
  const adjoints = new Map<ScalarExpr, ScalarExpr>();
  const derivatives = new Array<ScalarExpr | null>(inputs.length).fill(null);
  const result = types.get(expr) ?? 'float64';
  if (isFloat(result)) adjoints.set(expr, constant(1));
  for (const node of nodesOf(expr).reverse()) {
    const adjoint = adjoints.get(node);
    if (adjoint === undefined || node.kind === 'const') continue;
    if (node.kind === 'input') {
      const { index } = node;
      if (isFloat(inputs[index])) derivatives[index] = sum(derivatives[index], adjoint);
    } else if (node.kind === 'cast') {
      const [arg] = node.args;
      const from = types.get(arg)!;
      if (from !== null && isFloat(from) && isFloat(node.dtype))
        add(adjoints, arg, adjoint.kind === 'const' ? adjoint : castTo(from, adjoint));
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
  const upstream = input(inputs.length);
  return derivatives.map((derivative, i) => {
    const local = derivative === null ? null : fold(derivative);
    if (local === null || isZero(local)) return null;
    return chain(inputs[i] === result ? upstream : castTo(inputs[i], upstream), local);
  });
}

function add(adjoints: Map<ScalarExpr, ScalarExpr>, node: ScalarExpr, adjoint: ScalarExpr): void {
  if (node.kind !== 'const') adjoints.set(node, sum(adjoints.get(node) ?? null, adjoint));
}

function sum(a: ScalarExpr | null, b: ScalarExpr): ScalarExpr {
  return a === null ? b : call('add', a, b);
}

/**
 * u · p, and 0 where u is 0. A choice between something and 0 stays outermost, on either side, so that what was not chosen
 * remains 0 whatever it meets.
 */
function chain(u: ScalarExpr, p: ScalarExpr): ScalarExpr {
  if (p.kind === 'const') {
    if (p.value === 0) return p;
    if (p.value === 1) return u;
    if (p.value === -1) return call('neg', u);
    return call('mul', u, p);
  }
  if (u.kind === 'const' && u.value === 1) return p;
  if (u.kind === 'const' && u.value === 0) return u;
  if (isChoice(u)) return call('select', u.args[0], chain(u.args[1], p), chain(u.args[2], p));
  if (isChoice(p)) return call('select', p.args[0], chain(u, p.args[1]), chain(u, p.args[2]));
  return call('chain', u, p);
}

/** Whether it chooses between something and 0. */
function isChoice(expr: ScalarExpr): expr is Extract<ScalarExpr, { kind: 'call' }> {
  return expr.kind === 'call' && expr.fn === 'select' && expr.args.some((arg, i) => i > 0 && isZero(arg));
}

function isZero(expr: ScalarExpr): boolean {
  return expr.kind === 'const' && expr.value === 0;
}
