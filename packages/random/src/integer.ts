import { checkInteger, checkKey, high, type Key, low } from './key.js';
import { checkArray, isSingle } from './array.js';
import { checkRange, type Range } from './range.js';
import { threefryInto } from './threefry.js';

/**
 * Element `index` of a stream of integers from 0 to `below` − 1, all equally likely; `below` is at
 * most 2^32. A word at or beyond the last whole multiple of `below` is discarded, and the next of
 * the element's own words taken, so that elements do not depend on each other.
 */
export function bounded(key: Key, index: number, below: number): number {
  checkKey('bounded', key);
  checkInteger('bounded', 'index', index, 0);
  checkInteger('bounded', 'below', below, 1);
  if (index >= 2 ** 52) throw new RangeError(`bounded: index must be below 2^52; received ${index}`);
  if (below > 2 ** 32) throw new RangeError(`bounded: below must be at most 2^32; received ${below}`);
  const [k0, k1] = key;
  const limit = 2 ** 32 - (2 ** 32 % below);
  // A try fails with probability below ½: its number stays far below the 2^9 that fit beside the index.
  for (let attempt = 0; ; attempt++) {
    threefryInto(pair, 0, k0, k1, low(index), high(index) | (attempt << 21));
    if (pair[0]! < limit) return pair[0]! % below;
    if (pair[1]! < limit) return pair[1]! % below;
  }
}

const pair = new Uint32Array(2);

/** Fills `out` with integers of [low, high), all equally likely; both bounds lie within int32, `high` up to 2^31. */
export function fillRandint(
  out: Int32Array | Float32Array | Float64Array,
  key: Key,
  low: number,
  high: number,
  range: Range = {},
): void {
  checkKey('randint', key);
  checkArray('randint', out, 'Int32Array', 'Float32Array', 'Float64Array');
  checkInteger('randint', 'low', low);
  checkInteger('randint', 'high', high);
  // A Float32Array holds integers up to 2^24 only.
  const limit = isSingle(out) ? 2 ** 24 : 2 ** 31;
  if (!(low < high && low >= -limit && high <= limit)) {
    throw new RangeError(`randint: needs ${-limit} ≤ low < high ≤ ${limit}; received low = ${low}, high = ${high}`);
  }
  const { offset, count, first } = checkRange('randint', out, range);
  for (let i = 0; i < count; i++) out[offset + i] = low + bounded(key, first + i, high - low);
}

/** `count` integers of [low, high); see {@link fillRandint}. */
export function randint(key: Key, count: number, low: number, high: number): Int32Array {
  checkInteger('randint', 'count', count, 0);
  const out = new Int32Array(count);
  fillRandint(out, key, low, high);
  return out;
}
