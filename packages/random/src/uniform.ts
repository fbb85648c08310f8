import { checkArray, isSingle, MAX_FLOAT32 } from './array.js';
import { eachBlock, eachWord } from './bits.js';
import { checkKey, type Key } from './key.js';
import { checkRange, type Range } from './range.js';

/** The top 24 bits of a word as a number in [0, 1): every value is exact in float32. */
export function uniform24(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** 53 bits of two words as a number in [0, 1). */
export function uniform53(first: number, second: number): number {
  return ((first >>> 5) * 2 ** 26 + (second >>> 6)) * 2 ** -53;
}

/**
 * Fills `out` with numbers of [low, high), `low` alone if both are equal. A Float32Array takes
 * 24 random bits an element, a Float64Array 53. The bounds are first rounded to the array's type;
 * a number that would round up to `high` becomes the largest one below it.
 */
export function fillUniform(
  out: Float32Array | Float64Array,
  key: Key,
  low: number = 0,
  high: number = 1,
  range: Range = {},
): void {
  checkKey('fillUniform', key);
  checkArray('fillUniform', out, 'Float32Array', 'Float64Array');
  const checked = checkRange('fillUniform', out, range);
  const single = isSingle(out);
  const from = single ? Math.fround(low) : low;
  const to = single ? Math.fround(high) : high;
  const width = to - from;
  const largest = single ? MAX_FLOAT32 : Number.MAX_VALUE;
  if (!(from <= to && width <= largest && Number.isFinite(from))) {
    throw new RangeError(
      `fillUniform: needs finite bounds with low ≤ high and a finite width; received low = ${low}, high = ${high}`,
    );
  }
  if (single) {
    const below = from < to ? previousFloat32(to) : from;
    eachWord(key, checked, (place, word) => {
      const value = Math.fround(from + width * uniform24(word));
      out[place] = value < to ? value : below;
    });
    return;
  }
  const below = from < to ? previousFloat64(to) : from;
  eachBlock(key, checked, (place, first, second) => {
    const value = from + width * uniform53(first, second);
    out[place] = value < to ? value : below;
  });
}

/** The largest float32 below a finite float32. */
function previousFloat32(value: number): number {
  float32[0] = value;
  if (value === 0) int32[0] = 0x80000001 | 0;
  else int32[0] = int32[0]! + (value > 0 ? -1 : 1);
  return float32[0]!;
}

/** The largest float64 below a finite one. */
function previousFloat64(value: number): number {
  float64[0] = value;
  if (value === 0) return -Number.MIN_VALUE;
  int64[0] = int64[0]! + (value > 0 ? -1n : 1n);
  return float64[0]!;
}

const float64 = new Float64Array(1);
const int64 = new BigInt64Array(float64.buffer);
const float32 = new Float32Array(1);
const int32 = new Int32Array(float32.buffer);
