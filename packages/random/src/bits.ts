import { checkArray } from './array.js';
import { checkInteger, checkKey, high, type Key, low } from './key.js';
import { checkRange, type Range } from './range.js';
import { threefryInto } from './threefry.js';

/** `count` random 32-bit words. */
export function bits(key: Key, count: number): Uint32Array {
  checkInteger('bits', 'count', count, 0);
  const out = new Uint32Array(count);
  fillBits(out, key);
  return out;
}

/** Fills `out` with random 32-bit words. Word i is half i mod 2 of block ⌊i / 2⌋, whatever the range. */
export function fillBits(out: Int32Array | Uint32Array, key: Key, range: Range = {}): void {
  checkKey('fillBits', key);
  checkArray('fillBits', out, 'Int32Array', 'Uint32Array');
  const { offset, count, first } = checkRange('fillBits', out, range);
  writeWords(out, key, offset, count, first);
}

/** {@link fillBits} without checks. */
function writeWords(out: Int32Array | Uint32Array, [k0, k1]: Key, offset: number, count: number, first: number): void {
  let at = offset;
  const end = offset + count;
  let block = Math.floor(first / 2);
  if (first % 2 === 1 && at < end) {
    threefryInto(pair, 0, k0, k1, low(block), high(block));
    out[at++] = pair[1]!;
    block++;
  }
  for (; at + 1 < end; at += 2, block++) threefryInto(out, at, k0, k1, low(block), high(block));
  if (at < end) {
    threefryInto(pair, 0, k0, k1, low(block), high(block));
    out[at] = pair[0]!;
  }
}

const pair = new Int32Array(2);

/** Calls `write(place, word)` for each element of a range, with word i of the stream for element i. */
export function eachWord(key: Key, range: Required<Range>, write: (place: number, word: number) => void): void {
  const { offset, count, first } = range;
  for (let done = 0; done < count; done += chunk) {
    const size = Math.min(chunk, count - done);
    writeWords(words, key, 0, size, first + done);
    for (let i = 0; i < size; i++) write(offset + done + i, words[i]!);
  }
}

/** Calls `write(place, word, word)` for each element of a range, with words 2i and 2i + 1 for element i. */
export function eachBlock(
  key: Key,
  range: Required<Range>,
  write: (place: number, first: number, second: number) => void,
): void {
  const { offset, count, first } = range;
  for (let done = 0; done < count; done += chunk / 2) {
    const size = Math.min(chunk / 2, count - done);
    writeWords(words, key, 0, 2 * size, 2 * (first + done));
    for (let i = 0; i < size; i++) write(offset + done + i, words[2 * i]!, words[2 * i + 1]!);
  }
}

const chunk = 512;
const words = new Uint32Array(chunk);
