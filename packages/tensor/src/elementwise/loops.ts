import type { DType, TypedArray } from '../spec.js';
import { SCALAR_FUNCTIONS, type ScalarFnName } from './functions.js';
import { FLOAT32_LOOPS } from './float32-loops.js';

/** n times out[o + i] = f(a[p + i], b[q + i], c[r + i]); unused arguments are passed all the same. */
export type Loop = (
  out: TypedArray, o: number,
  a: TypedArray, p: number,
  b: TypedArray, q: number,
  c: TypedArray, r: number,
  n: number,
) => void;

function loop(arity: 1 | 2 | 3, f: (x: number, y: number, z: number) => number): Loop {
  switch (arity) {
    case 1:
      return (out, o, a, p, _b, _q, _c, _r, n) => {
        for (let i = 0; i < n; i++) out[o + i] = (f as (x: number) => number)(a[p + i]);
      };
    case 2:
      return (out, o, a, p, b, q, _c, _r, n) => {
        for (let i = 0; i < n; i++) out[o + i] = (f as (x: number, y: number) => number)(a[p + i], b[q + i]);
      };
    case 3:
      return (out, o, a, p, b, q, c, r, n) => {
        for (let i = 0; i < n; i++) out[o + i] = f(a[p + i], b[q + i], c[r + i]);
      };
  }
}

const cache = new Map<ScalarFnName, Loop>();

/** The loop of a scalar function on arguments of `dtype`. Storing into `out` rounds to its dtype; integers wrap. */
export function loopOf(fn: ScalarFnName, dtype: DType): Loop {
  const written = dtype === 'float32' ? FLOAT32_LOOPS[fn] : undefined;
  if (written !== undefined) return written as Loop;
  // The float64 product of two int32 can exceed 2^53, and its low bits would be lost.
  if (fn === 'mul' && dtype === 'int32') return integerMultiply;
  let made = cache.get(fn);
  if (made === undefined) {
    const { arity, value } = SCALAR_FUNCTIONS[fn];
    cache.set(fn, (made = loop(arity, value)));
  }
  return made;
}

const integerMultiply: Loop = loop(2, Math.imul);
const toBool: Loop = loop(1, (x) => (x !== 0 ? 1 : 0));
/** Copies; storing into the output converts. */
export const copyLoop: Loop = loop(1, (x) => x);

/** Float to integer truncates toward zero and wraps; NaN becomes 0, and true as a truth value. */
export function castLoop(to: DType): Loop {
  return to === 'bool' ? toBool : copyLoop;
}
