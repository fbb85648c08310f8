import { constant, rewrite, type ScalarExpr } from '../expr.js';
import { SCALAR_FUNCTIONS } from './functions.js';

/** Calls on constants alone, computed now, in float64; a select by a constant becomes the branch. */
export function fold(expr: ScalarExpr): ScalarExpr {
  return rewrite(expr, (node) => {
    if (node.kind !== 'call') return node;
    const [first] = node.args;
    if (node.fn === 'select' && first.kind === 'const') return first.value !== 0 ? node.args[1] : node.args[2];
    const values = node.args.map((arg) => (arg.kind === 'const' ? arg.value : null));
    return values.includes(null) ? node : constant(SCALAR_FUNCTIONS[node.fn].value(...(values as number[])));
  });
}
