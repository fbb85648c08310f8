import type { Shape } from '@lemmata/shape';
import { seen } from './meter.js';
import { resemblance } from './resemblance.js';

export interface ViolationFacts {
  /** What was compared: "output 0", "gradient of input 1". */
  readonly what: string;
  readonly received: unknown;
  readonly expected: unknown;
  /** What the expected value is: "central differences". */
  readonly source?: string;
  readonly index?: readonly number[];
  readonly error?: number;
  readonly bound?: number;
  /** What the error looks like. */
  readonly looksLike?: string;
}

/** A law broken at one place, with both values. */
export class Violation extends Error {
  override readonly name: string = 'Violation';
  readonly facts: ViolationFacts;

  constructor(facts: ViolationFacts) {
    super(describe(facts));
    this.facts = facts;
  }
}

function describe({ what, received, expected, source, index, error, bound, looksLike }: ViolationFacts): string {
  const place = index === undefined ? '' : ` at [${index.join(', ')}]`;
  const origin = source === undefined ? '' : ` (${source})`;
  const size =
    error === undefined ? '' : `; error ${short(error)}${bound === undefined ? '' : `, allowed ${short(bound)}`}`;
  return `${what}${place}: received ${show(received)}, expected ${show(expected)}${origin}${size}${looksLike === undefined ? '' : `; ${looksLike}`}`;
}

function show(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function short(x: number): string {
  return x === 0 ? '0' : x.toExponential(2);
}

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** Values with a name, for comparisons. */
export interface Compared {
  readonly what: string;
  readonly shape: Shape;
  /** What the expected values are. */
  readonly source?: string;
}

/** Throws a {@link Violation} unless |received − expected| ≤ absolute + relative · |expected| everywhere; NaN equals NaN. */
export function expectClose(
  about: Compared,
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, absolute }: Tolerance,
): void {
  expectCount(about, received, expected);
  const single = received instanceof Float32Array;
  for (let i = 0; i < expected.length; i++) {
    const r = received[i];
    const e = expected[i];
    if (Object.is(r, e) || r === e) {
      seen(r, e, single);
      continue;
    }
    const error = Math.abs(r - e);
    const bound = absolute + relative * Math.abs(e);
    // Written so that NaN, and a bound of ∞, fail.
    if (!(error <= bound) || !Number.isFinite(e)) throw violation(about, i, received, expected, error, bound);
    seen(r, e, single);
  }
}

/** Throws a {@link Violation} unless every value is the same: by bits (NaN equals NaN), or as numbers (−0 equals 0). */
export function expectSame(
  about: Compared,
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  by: 'bits' | 'number' = 'bits',
): void {
  expectCount(about, received, expected);
  for (let i = 0; i < expected.length; i++) {
    const r = received[i];
    const e = expected[i];
    if (Object.is(r, e) || (by === 'number' && r === e)) {
      seen(r, e, false);
      continue;
    }
    throw violation(about, i, received, expected, Math.abs(r - e), 0);
  }
}

function expectCount(about: Compared, received: ArrayLike<number>, expected: ArrayLike<number>): void {
  if (received.length !== expected.length) {
    throw new Violation({
      what: `${about.what}, number of elements`,
      received: received.length,
      expected: expected.length,
    });
  }
}

function violation(
  { what, shape, source }: Compared,
  at: number,
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  error: number,
  bound: number,
): Violation {
  const looksLike = resemblance(received, expected, shape);
  return new Violation({
    what,
    index: indexOf(at, shape),
    received: received[at],
    expected: expected[at],
    error,
    bound,
    ...(source === undefined ? {} : { source }),
    ...(looksLike === null ? {} : { looksLike }),
  });
}

/** The index of the n-th element in row-major order. */
export function indexOf(n: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length);
  let rest = n;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}
