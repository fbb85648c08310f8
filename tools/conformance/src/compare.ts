import type { Engine } from './engine.js';
import type { Case } from './vectors.js';

/** How far a result may lie from PyTorch's: |a − b| ≤ absolute + relative · |b|. */
export interface Bound {
  readonly absolute: number;
  readonly relative: number;
}

/** The largest deviation of a case, measured in bounds. */
export interface Deviation {
  /** Of which output or gradient. */
  readonly what: string;
  /** |a − b|; Infinity if one of them is NaN or infinite and the other is not. */
  readonly error: number;
  readonly bound: number;
}

const EXACT: Bound = { absolute: 0, relative: 0 };
const CLOSE: Bound = { absolute: 1e-9, relative: 1e-7 };
/** Of results of many steps. */
const FAR: Bound = { absolute: 1e-7, relative: 1e-6 };

/** The bound for an output or gradient of a case, by FORMAT.md. `what` is its name there, such as `grad.input`. */
export function boundFor(
  { kind, op, float32Error }: Case,
  engine: Engine,
  what: string,
  expected: ArrayLike<number>,
): Bound {
  if (engine.float === 'float64') {
    return kind === 'optimizer' || kind === 'model' || op === 'decorrelated_batch_norm' ? FAR : CLOSE;
  }
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return { absolute: Math.max(1e-5 + 1e-4 * largest, 20 * (float32Error[what] ?? 0) + 1e-6), relative: 0 };
}

/** Where `actual` lies farthest from `expected`; NaN equals NaN and ∞ equals ∞. Null without elements. */
export function worstOf(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute, relative }: Bound,
): Deviation | null {
  let worst: Deviation | null = null;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!;
    const b = expected[i]!;
    const deviation = {
      what,
      error: distance(a, b),
      bound: absolute + relative * (Number.isFinite(b) ? Math.abs(b) : 0),
    };
    if (worst === null || exceeds(deviation, worst)) worst = deviation;
  }
  return worst;
}

/** Indices, counts and truth values. */
export function exactlyOf(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): Deviation | null {
  return worstOf(what, actual, expected, EXACT);
}

function distance(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  return Number.isFinite(a) && Number.isFinite(b) ? Math.abs(a - b) : Infinity;
}

/** Error in bounds; of an exact comparison 0 or ∞. */
export function inBounds({ error, bound }: { readonly error: number; readonly bound: number }): number {
  return error === 0 ? 0 : error / bound;
}

export function exceeds(a: Deviation, b: Deviation): boolean {
  return inBounds(a) > inBounds(b);
}
