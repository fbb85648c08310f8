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

export function input(index: number): ScalarExpr {
  return { kind: 'input', index };
}

export function constant(value: number): ScalarExpr {
  return { kind: 'const', value };
}

/** An argument of {@link call}: numbers become constants. */
export type ScalarArg = ScalarExpr | number;

export function call(fn: ScalarFnName, ...args: readonly ScalarArg[]): ScalarExpr {
  return { kind: 'call', fn, args: args.map((arg) => (typeof arg === 'number' ? constant(arg) : arg)) };
}

export function castTo(dtype: DType, arg: ScalarExpr): ScalarExpr {
  return { kind: 'cast', dtype, args: [arg] };
}
