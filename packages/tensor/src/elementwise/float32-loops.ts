import type { ScalarFnName } from './functions.js';

type F32 = Float32Array;

/** Any loop of this file, with the array types left open; see `Loop`. */
type Float32Loop = (out: never, o: number, a: never, p: number, b: never, q: number, c: never, r: number, n: number) => void;

/**
 * The loops that training spends its time in, for float32 alone. An engine compiles a loop for the array types that
 * it has seen and inlines no function that a shared loop is given: a loop of its own, which never sees another type,
 * runs several times faster. The meaning is that of `SCALAR_FUNCTIONS`, which the tests hold these against.
 */
export const FLOAT32_LOOPS: Readonly<Partial<Record<ScalarFnName, Float32Loop>>> = {
  neg(out: F32, o: number, a: F32, p: number, _b: F32, _q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = -a[p + i];
  },
  abs(out: F32, o: number, a: F32, p: number, _b: F32, _q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = Math.abs(a[p + i]);
  },
  sqrt(out: F32, o: number, a: F32, p: number, _b: F32, _q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = Math.sqrt(a[p + i]);
  },
  exp(out: F32, o: number, a: F32, p: number, _b: F32, _q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = Math.exp(a[p + i]);
  },
  tanh(out: F32, o: number, a: F32, p: number, _b: F32, _q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = Math.tanh(a[p + i]);
  },
  sigmoid(out: F32, o: number, a: F32, p: number, _b: F32, _q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = 1 / (1 + Math.exp(-a[p + i]));
  },
  add(out: F32, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] + b[q + i];
  },
  sub(out: F32, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] - b[q + i];
  },
  mul(out: F32, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] * b[q + i];
  },
  div(out: F32, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] / b[q + i];
  },
  max(out: F32, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = Math.max(a[p + i], b[q + i]);
  },
  min(out: F32, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = Math.min(a[p + i], b[q + i]);
  },
  chain(out: F32, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) {
      const upstream = a[p + i];
      out[o + i] = upstream === 0 ? 0 : upstream * b[q + i];
    }
  },
  le(out: Uint8Array, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] <= b[q + i] ? 1 : 0;
  },
  lt(out: Uint8Array, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] < b[q + i] ? 1 : 0;
  },
  ge(out: Uint8Array, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] >= b[q + i] ? 1 : 0;
  },
  gt(out: Uint8Array, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] > b[q + i] ? 1 : 0;
  },
  eq(out: Uint8Array, o: number, a: F32, p: number, b: F32, q: number, _c: F32, _r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] === b[q + i] ? 1 : 0;
  },
  select(out: F32, o: number, a: Uint8Array, p: number, b: F32, q: number, c: F32, r: number, n: number) {
    for (let i = 0; i < n; i++) out[o + i] = a[p + i] !== 0 ? b[q + i] : c[r + i];
  },
};
