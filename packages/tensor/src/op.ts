import type { ScalarExpr } from './expr.js';
import type { Layout, View } from './layout.js';
import type { Spec } from './spec.js';
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
   * A null upstream is a zero; null is returned for an input that is not wanted or receives nothing.
   */
  vjp?(
    attrs: A,
    upstream: readonly (Tensor | null)[],
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    wants: readonly boolean[],
  ): (Tensor | null)[];

  /** `reference` handles any strides and offsets. */
  readonly strided?: true;

  /** Inputs in which the op is linear (each alone, the others held): unlocks the exact adjoint laws. */
  readonly linearIn?: readonly number[];
}

/**
 * Attributes as text, equal exactly when they are: NaN, −0 and ±∞ stay distinct, undefined members do not count,
 * key order does not matter.
 */
export function attrsKey(attrs: unknown): string {
  if (attrs === undefined) return '';
  if (typeof attrs === 'number') return Object.is(attrs, -0) ? '-0' : String(attrs);
  if (attrs === null || typeof attrs === 'boolean') return String(attrs);
  if (typeof attrs === 'string') return JSON.stringify(attrs);
  if (Array.isArray(attrs)) return `[${attrs.map(attrsKey).join()}]`;
  if (typeof attrs === 'object') {
    const entries = Object.entries(attrs).filter(([, value]) => value !== undefined);
    if (entries.length === 0) return '';
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, value]) => `${key}:${attrsKey(value)}`).join()}}`;
  }
  throw new TypeError(`attributes of an op are plain data, received a ${typeof attrs}`);
}
