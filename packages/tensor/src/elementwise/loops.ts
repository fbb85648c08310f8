import type { TypedArray } from '../spec.js';
import { SCALAR_FUNCTIONS, type ScalarFnName } from './functions.js';

/** n times out[o + i] = f(a[p + i], b[q + i], c[r + i]); unused arguments are passed all the same. */
export type Loop = (
  out: TypedArray, o: number,
  a: TypedArray, p: number,
  b: TypedArray, q: number,
  c: TypedArray, r: number,
  n: number,
) => void;

function unary(f: (x: number) => number): Loop {
  return (out, o, a, p, _b, _q, _c, _r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = f(a[p + i]);
  };
}

function binary(f: (x: number, y: number) => number): Loop {
  return (out, o, a, p, b, q, _c, _r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = f(a[p + i], b[q + i]);
  };
}

/** Written out, since the engine inlines no function that a shared loop is given: these are the ones that matter. */
const written: Partial<Record<ScalarFnName, Loop>> = {
  neg: (out, o, a, p, _b, _q, _c, _r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = -a[p + i];
  },
  add: (out, o, a, p, b, q, _c, _r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] + b[q + i];
  },
  sub: (out, o, a, p, b, q, _c, _r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] - b[q + i];
  },
  mul: (out, o, a, p, b, q, _c, _r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] * b[q + i];
  },
  div: (out, o, a, p, b, q, _c, _r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] / b[q + i];
  },
  chain: (out, o, a, p, b, q, _c, _r, n) => {
    for (let i = 0; i < n; i++) {
      const upstream = a[p + i];
      out[o + i] = upstream === 0 ? 0 : upstream * b[q + i];
    }
  },
  le: (out, o, a, p, b, q, _c, _r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] <= b[q + i] ? 1 : 0;
  },
  lt: (out, o, a, p, b, q, _c, _r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] < b[q + i] ? 1 : 0;
  },
  select: (out, o, a, p, b, q, c, r, n) => {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] !== 0 ? b[q + i] : c[r + i];
  },
};

const integerMultiply: Loop = (out, o, a, p, b, q, _c, _r, n) => {
  for (let i = 0; i < n; i++) out[o + i] = Math.imul(a[p + i], b[q + i]);
};

const toBool: Loop = (out, o, a, p, _b, _q, _c, _r, n) => {
  for (let i = 0; i < n; i++) out[o + i] = a[p + i] !== 0 ? 1 : 0;
};

const copy: Loop = (out, o, a, p, _b, _q, _c, _r, n) => {
  for (let i = 0; i < n; i++) out[o + i] = a[p + i];
};

const cache = new Map<ScalarFnName, Loop>();

/** The loop of a scalar function. Storing into `out` rounds to its dtype. */
export function loopOf(fn: ScalarFnName, dtype: string): Loop {
  if (fn === 'mul' && dtype === 'int32') return integerMultiply;
  let loop = cache.get(fn);
  if (loop === undefined) {
    const { arity, value } = SCALAR_FUNCTIONS[fn];
    loop = written[fn] ?? (arity === 1 ? unary(value) : binary(value));
    cache.set(fn, loop);
  }
  return loop;
}

/** Float to integer truncates toward zero and wraps; NaN becomes 0, and true as a truth value. */
export function castLoop(to: string): Loop {
  return to === 'bool' ? toBool : copy;
}
