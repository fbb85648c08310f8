import { arrayOver, type DType, type TypedArray } from '../spec.js';
import type { ScalarFnName } from './functions.js';

/** Elements handled at a time: a few registers of this length stay in the first-level cache. */
export const CHUNK = 1024;

/** Registers that there are; expressions that need more at once keep the others in arrays of their own. */
export const SLOTS = 64;

/** The widest dtype, and a little more, so that equal indices of two registers do not share the low address bits. */
const SLOT_BYTES = CHUNK * 8 + 192;

/**
 * The registers of all expressions lie in one memory. Expressions run to their end one after the other, so that they
 * can share it.
 */
const MEMORY: ArrayBuffer = new ArrayBuffer(SLOTS * SLOT_BYTES);

/** One register as an array. */
export function slotArray(dtype: DType, slot: number): TypedArray {
  return arrayOver(dtype, { buffer: MEMORY, byteOffset: slot * SLOT_BYTES }, CHUNK);
}

/** Where a register starts, in elements of a dtype. */
export function slotStart(slot: number, bytesPerElement: number): number {
  return (slot * SLOT_BYTES) / bytesPerElement;
}

/** n times out[i] = f(a[i], b[i], c[i]), from where these registers start; unused arguments are passed all the same. */
export type SlotLoop = (out: number, a: number, b: number, c: number, n: number) => void;

/**
 * The loops that training spends its time in, for float32 arguments. Their meaning is that of `SCALAR_FUNCTIONS`, which
 * the tests hold them against.
 *
 * The arrays are constants of a function that is called once, which V8 compiles in as such: an array that a loop is
 * given, or a variable of the module (as bundlers make of its constants), has its type, length and address checked again
 * for every element, which takes three times as long.
 */
function float32Loops(): Partial<Record<ScalarFnName, SlotLoop>> {
  const F = new Float32Array(MEMORY);
  const B = new Uint8Array(MEMORY);
  return {
    neg(out, a, _b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = -F[a + i];
    },
    abs(out, a, _b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = Math.abs(F[a + i]);
    },
    sqrt(out, a, _b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = Math.sqrt(F[a + i]);
    },
    oneMinusSquare(out, a, _b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = (1 - F[a + i]) * (1 + F[a + i]);
    },
    exp(out, a, _b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = Math.exp(F[a + i]);
    },
    log(out, a, _b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = Math.log(F[a + i]);
    },
    tanh(out, a, _b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = Math.tanh(F[a + i]);
    },
    sigmoid(out, a, _b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = 1 / (1 + Math.exp(-F[a + i]));
    },
    add(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = F[a + i] + F[b + i];
    },
    sub(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = F[a + i] - F[b + i];
    },
    mul(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = F[a + i] * F[b + i];
    },
    div(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = F[a + i] / F[b + i];
    },
    max(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = Math.max(F[a + i], F[b + i]);
    },
    min(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) F[out + i] = Math.min(F[a + i], F[b + i]);
    },
    chain(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) {
        const upstream = F[a + i];
        F[out + i] = upstream === 0 ? 0 : upstream * F[b + i];
      }
    },
    lt(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) B[out + i] = F[a + i] < F[b + i] ? 1 : 0;
    },
    le(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) B[out + i] = F[a + i] <= F[b + i] ? 1 : 0;
    },
    gt(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) B[out + i] = F[a + i] > F[b + i] ? 1 : 0;
    },
    ge(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) B[out + i] = F[a + i] >= F[b + i] ? 1 : 0;
    },
    eq(out, a, b, _c, n) {
      for (let i = 0; i < n; i++) B[out + i] = F[a + i] === F[b + i] ? 1 : 0;
    },
    select(out, a, b, c, n) {
      for (let i = 0; i < n; i++) F[out + i] = B[a + i] !== 0 ? F[b + i] : F[c + i];
    },
  };
}

export const FLOAT32_LOOPS: Readonly<Partial<Record<ScalarFnName, SlotLoop>>> = float32Loops();
