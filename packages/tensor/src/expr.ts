import type { ScalarFnName } from './elementwise/functions.js';
import type { DType } from './spec.js';

/**
 * One scalar computed from scalars, as data: what an elementwise op computes at each index. From it come the op's
 * derivative and its code on every backend. Shared subexpressions are shared objects.
 *
 * Every call rounds to its dtype: fusing expressions changes no bit.
 */
export type ScalarExpr =
  | { readonly kind: 'input'; readonly index: number }
  /** Takes the dtype of what it is combined with. */
  | { readonly kind: 'const'; readonly value: number }
  | { readonly kind: 'cast'; readonly dtype: DType; readonly args: readonly [ScalarExpr] }
  | { readonly kind: 'call'; readonly fn: ScalarFnName; readonly args: readonly ScalarExpr[] };

/** The element of an input, by its number from 0. */
export function input(index: number): ScalarExpr {
  return { kind: 'input', index };
}

/** A number, the same for every element. */
export function constant(value: number): ScalarExpr {
  return { kind: 'const', value };
}

/** An argument of {@link call}: numbers become constants. */
export type ScalarArg = ScalarExpr | number;

/** A function of scalars, applied: `call('mul', input(0), 2)`. */
export function call(fn: ScalarFnName, ...args: readonly ScalarArg[]): ScalarExpr {
  return { kind: 'call', fn, args: args.map((arg) => (typeof arg === 'number' ? constant(arg) : arg)) };
}

/** Converted to a dtype, as `cast` does. */
export function castTo(dtype: DType, arg: ScalarExpr): ScalarExpr {
  return { kind: 'cast', dtype, args: [arg] };
}

/** The arguments of a node; none for inputs and constants. */
export function argsOf(expr: ScalarExpr): readonly ScalarExpr[] {
  return expr.kind === 'call' || expr.kind === 'cast' ? expr.args : [];
}

/** Every distinct node of some expressions once, arguments before what uses them. */
export function nodesOf(...roots: readonly ScalarExpr[]): ScalarExpr[] {
  const seen = new Set<ScalarExpr>();
  const visit = (node: ScalarExpr): void => {
    if (seen.has(node)) return;
    for (const arg of argsOf(node)) visit(arg);
    seen.add(node);
  };
  roots.forEach(visit);
  return [...seen];
}

/**
 * The expression with every node replaced by what `f` makes of it, arguments first; sharing is kept. `f` receives
 * the node with its new arguments.
 */
export function rewrite(root: ScalarExpr, f: (node: ScalarExpr) => ScalarExpr): ScalarExpr {
  const made = new Map<ScalarExpr, ScalarExpr>();
  for (const node of nodesOf(root)) {
    const old = argsOf(node);
    const args = old.map((arg) => made.get(arg)!);
    const same = args.every((arg, i) => arg === old[i]);
    made.set(node, f(same ? node : ({ ...node, args } as ScalarExpr)));
  }
  return made.get(root)!;
}

/** The expression with `replacements[i]` in place of input i. */
export function substitute(root: ScalarExpr, replacements: readonly ScalarExpr[]): ScalarExpr {
  return rewrite(root, (node) => (node.kind === 'input' ? replacements[node.index] : node));
}
