import type { DType, TypedArray } from '../spec.js';
import { SCALAR_FUNCTIONS, type ScalarFnName } from './functions.js';

/** n times out[i] = f(a[i], b[i], c[i]); unused arguments are passed all the same. */
export type Loop = (out: TypedArray, a: TypedArray, b: TypedArray, c: TypedArray, n: number) => void;

function loop(arity: 1 | 2 | 3, f: (x: number, y: number, z: number) => number): Loop {
  switch (arity) {
    case 1:
      return (out, a, _b, _c, n) => {
        for (let i = 0; i < n; i++) out[i] = (f as (x: number) => number)(a[i]);
      };
    case 2:
      return (out, a, b, _c, n) => {
        for (let i = 0; i < n; i++) out[i] = (f as (x: number, y: number) => number)(a[i], b[i]);
      };
    case 3:
      return (out, a, b, c, n) => {
        for (let i = 0; i < n; i++) out[i] = f(a[i], b[i], c[i]);
      };
  }
}

const cache = new Map<ScalarFnName, Loop>();
const integerMultiply: Loop = loop(2, Math.imul);
const toBool: Loop = loop(1, (x) => (x !== 0 ? 1 : 0));
const copy: Loop = loop(1, (x) => x);

/** The loop of a scalar function on arguments of `dtype`. Storing into `out` rounds to its dtype; integers wrap. */
export function loopOf(fn: ScalarFnName, dtype: DType): Loop {
  // The float64 product of two int32 can exceed 2^53, and its low bits would be lost.
  if (fn === 'mul' && dtype === 'int32') return integerMultiply;
  let made = cache.get(fn);
  if (made === undefined) {
    const { arity, value } = SCALAR_FUNCTIONS[fn];
    cache.set(fn, (made = loop(arity, value)));
  }
  return made;
}

/** Float to integer truncates toward zero and wraps; NaN becomes 0, and true as a truth value. */
export function castLoop(to: DType): Loop {
  return to === 'bool' ? toBool : copy;
}
