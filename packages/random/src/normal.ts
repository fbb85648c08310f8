import { checkArray, isSingle, MAX_FLOAT32 } from './array.js';
import { eachBlock, eachWord } from './bits.js';
import { checkKey, type Key } from './key.js';
import { normalQuantile } from './quantile.js';
import { checkRange, type Range } from './range.js';

/** 32 bits as a number in (0, 1), the middle of one of 2^32 equal parts: never 0 or 1, symmetric about ½. */
export function open32(word: number): number {
  return ((word >>> 0) + 0.5) * 2 ** -32;
}

/** 52 bits of two words as a number in (0, 1), the middle of one of 2^52 equal parts: exact, never 0 or 1. */
export function open52(first: number, second: number): number {
  return ((first >>> 6) * 2 ** 26 + (second >>> 6) + 0.5) * 2 ** -52;
}

/**
 * Fills `out` with numbers of mean `mean` and standard deviation `std`, normally distributed: the
 * quantile function of a uniform number, in float64 arithmetic, then rounded to the array's type.
 * A Float32Array takes 32 random bits an element (within 6.4 standard deviations), a Float64Array
 * 52 (within 8.3). Always finite.
 *
 * The inverse is used rather than the method of Box and Muller because each element then takes one
 * uniform number, and only the outer 15 % need a transcendental function (log), whose last bit may
 * differ between engines.
 */
export function fillNormal(
  out: Float32Array | Float64Array,
  key: Key,
  mean: number = 0,
  std: number = 1,
  range: Range = {},
): void {
  checkKey('fillNormal', key);
  checkArray('fillNormal', out, 'Float32Array', 'Float64Array');
  const checked = checkRange('fillNormal', out, range);
  const single = isSingle(out);
  const center = single ? Math.fround(mean) : mean;
  const scale = single ? Math.fround(std) : std;
  const largest = single ? MAX_FLOAT32 : Number.MAX_VALUE;
  // 8.3 standard deviations are the farthest draw; written so that NaN fails.
  if (!(scale >= 0 && Math.abs(center) + 8.3 * scale <= largest)) {
    throw new RangeError(
      `fillNormal: needs a finite mean and a standard deviation of at least 0, small enough for finite draws; received mean = ${mean}, std = ${std}`,
    );
  }
  if (single) {
    eachWord(key, checked, (place, word) => {
      out[place] = center + scale * normalQuantile(open32(word));
    });
    return;
  }
  eachBlock(key, checked, (place, first, second) => {
    out[place] = center + scale * normalQuantile(open52(first, second));
  });
}
