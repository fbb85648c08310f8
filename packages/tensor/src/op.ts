import type { ScalarExpr } from './expr.js';
import type { Layout, View } from './layout.js';
import type { DType, Spec } from './spec.js';
import type { Tensor } from './tensor.js';

/**
 * An operation, as a value. Everything else (eager execution, gradients, compilation, backends, laws) interprets it.
 * At least one of `alias`, `expr`, `reference` and `define` says what it computes.
 *
 * `A` is plain data (numbers, strings, booleans and arrays or objects of these): see {@link attrsKey}.
 */
export interface OpDef<A = any> {
  /** Names the op in errors, programs and graphs. Identity is the object, not the name. */
  readonly name: string;

  /** Shapes and dtypes of the outputs. Throws `ShapeError`; never clamps. */
  infer(attrs: A, ...inputs: Spec[]): Spec[];

  /**
   * The obvious loops: the definition every kernel is held against. Inputs and outputs are packed unless the op is
   * `strided`. Outputs hold arbitrary values on entry.
   */
  reference?(attrs: A, inputs: readonly View[], outputs: readonly View[]): void;

  /** A composite: the op in terms of other ops. Gradient and execution follow from it where they are not given. */
  define?(attrs: A, ...inputs: Tensor[]): Tensor[];

  /** Elementwise: output[i] as a scalar expression of the inputs at i. All inputs have the output's shape. */
  expr?(attrs: A, ...inputs: ScalarExpr[]): ScalarExpr;

  /** Movement: the output as another layout of its one input's storage, or null where that cannot be: `reference` copies. */
  alias?(attrs: A, input: Layout): Layout | null;

  /**
   * Vector-Jacobian product, written in ops: for each input, Σ over outputs of upstreamᵀ · ∂output/∂input.
   * A null upstream is a zero; there is one entry for each input, null where it is not wanted or receives nothing.
   */
  vjp?(
    attrs: A,
    upstream: readonly (Tensor | null)[],
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    wants: readonly boolean[],
  ): (Tensor | null)[];

  /**
   * Set for a composite of which a gradient keeps inputs and outputs only: the way back runs `define` again, and gives new names
   * to so many of the first inputs, lest a compiler find that all has been computed before. See `recompute`.
   */
  readonly recompute?: number;

  /** Set for the layout that gives a new name. */
  readonly again?: true;

  /** Set for ops that a compiled program makes of others. */
  readonly epilogue?: Epilogue;
  readonly prologue?: Prologue;
  readonly sideBySide?: SideBySide;

  /** `reference` handles any strides and offsets. */
  readonly strided?: true;

  /**
   * How many products it adds up, for counts of work: a multiplication with its addition counts once. Absent: none, as for
   * what works element by element, or what it is defined by.
   */
  multiplyAdds?(attrs: A, inputs: readonly Spec[], outputs: readonly Spec[]): number;

  /** Set where the results are constants for every gradient: nothing that is computed from them is recorded. */
  readonly constant?: true;

  /** Inputs in which the op is linear (each alone, the others held): unlocks the exact adjoint laws. */
  readonly linearIn?: readonly number[];
}

/**
 * An op followed by an elementwise expression, in one run. The attributes are those of the op. Its inputs come first, those
 * of the expression behind them; in the expression, input 0 is the op's first output, in whose place the value stands.
 */
export interface Epilogue {
  readonly of: OpDef;
  /** How many inputs the op has. */
  readonly arity: number;
  readonly expr: ScalarExpr;
}

/**
 * An op of one input on an elementwise expression, in one run. The attributes are those of the op; the inputs, which have the
 * shape of what the op reads, are those of the expression.
 */
export interface Prologue {
  readonly of: OpDef;
  readonly expr: ScalarExpr;
  /** Of the expression. */
  readonly dtype: DType;
}

/**
 * Several runs of one op, none of which needs another: inputs and outputs of the first, then of the second, and so on, equally
 * many each. The attributes are those of the op.
 */
export interface SideBySide {
  readonly of: OpDef;
  readonly times: number;
}

/** The attributes of an op that has none. */
export const NO_ATTRS: Readonly<Record<string, never>> = Object.freeze({});

/**
 * Attributes as text, equal exactly when they are: NaN, −0 and ±∞ stay distinct, undefined members do not count,
 * key order does not matter. No attributes at all are the empty text.
 *
 * @throws TypeError for what is not plain data: functions, tensors, maps, dates, typed arrays.
 */
export function attrsKey(attrs: unknown): string {
  if (attrs === NO_ATTRS || attrs === undefined) return '';
  const text = dataKey(attrs);
  return text === '{}' ? '' : text;
}

function dataKey(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(dataKey).join()}]`;
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${dataKey(member)}`).join()}}`;
  }
  const kind = typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;
  throw new TypeError(
    `attributes of an op are plain data (numbers, strings, booleans, arrays and objects of these), received a ${kind}`,
  );
}
