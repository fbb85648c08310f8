import { eachWord } from './bits.js';
import { checkInteger, checkKey, type Key } from './key.js';
import { checkRange, type Range } from './range.js';

/** Arrays that can hold 0 and 1. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** Fills `out` with 1 with probability `p`, else 0; `p` is resolved to 2^−32, and 0 and 1 are exact. */
export function fillBernoulli(out: NumberArray, key: Key, p: number, range: Range = {}): void {
  checkKey('bernoulli', key);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`bernoulli: p must be from 0 to 1; received ${p}`);
  const checked = checkRange('bernoulli', out, range);
  const threshold = p * 2 ** 32;
  eachWord(key, checked, (place, word) => {
    out[place] = word < threshold ? 1 : 0;
  });
}

/** `count` elements that are 1 with probability `p`, else 0; see {@link fillBernoulli}. */
export function bernoulli(key: Key, count: number, p: number): Uint8Array {
  checkInteger('bernoulli', 'count', count, 0);
  const out = new Uint8Array(count);
  fillBernoulli(out, key, p);
  return out;
}
