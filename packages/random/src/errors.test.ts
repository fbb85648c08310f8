import { expect, test } from 'vitest';
import {
  bernoulli,
  bits,
  bounded,
  fillBernoulli,
  fillBits,
  fillNormal,
  fillRandint,
  fillUniform,
  foldIn,
  type Key,
  key,
  permutation,
  randint,
  split,
} from './index.js';

const k = key(1);
const KEY = 'a key is two int32 words, as key(seed), split and foldIn make it; received';
const as = <T>(value: unknown): T => value as T;

test('what is no key is refused by the name of the function, and shown', () => {
  const calls: Record<string, (bad: Key) => unknown> = {
    bernoulli: (bad) => fillBernoulli(new Uint8Array(1), bad, 0.5),
    fillBits: (bad) => fillBits(new Int32Array(1), bad),
    bounded: (bad) => bounded(bad, 0, 2),
    randint: (bad) => fillRandint(new Int32Array(1), bad, 0, 2),
    fillNormal: (bad) => fillNormal(new Float32Array(1), bad),
    fillUniform: (bad) => fillUniform(new Float32Array(1), bad),
    permutation: (bad) => permutation(bad, 1),
    split: (bad) => split(bad, 1),
    foldIn: (bad) => foldIn(bad, 1),
  };
  for (const [name, call] of Object.entries(calls)) {
    expect(() => call([0.5, 7])).toThrow(new TypeError(`${name}: ${KEY} [0.5, 7]`));
    expect(() => call(as(['one', 'two']))).toThrow(new TypeError(`${name}: ${KEY} ['one', 'two']`));
    expect(() => call(as([1n, 2n]))).toThrow(new TypeError(`${name}: ${KEY} [1, 2]`));
    expect(() => call(as(undefined))).toThrow(new TypeError(`${name}: ${KEY} undefined`));
  }
});

test('a number that is refused is named, with what it must be', () => {
  const refused: readonly [() => unknown, string][] = [
    [() => key(as('1')), "key: seed must be an integer; received '1'"],
    [() => foldIn(k, 0.5), 'foldIn: data must be an integer; received 0.5'],
    [() => bits(k, -1), 'bits: count must be an integer of at least 0; received -1'],
    [() => bernoulli(k, -1, 0.5), 'bernoulli: count must be an integer of at least 0; received -1'],
    [() => randint(k, -1, 0, 2), 'randint: count must be an integer of at least 0; received -1'],
    [() => randint(k, 1, 0.5, 2), 'randint: low must be an integer; received 0.5'],
    [() => randint(k, 1, 0, NaN), 'randint: high must be an integer; received NaN'],
    [() => bounded(k, -1, 2), 'bounded: index must be an integer of at least 0; received -1'],
    [() => bounded(k, 2 ** 52, 2), 'bounded: index must be below 2^52; received 4503599627370496'],
    [() => bounded(k, 0, 0), 'bounded: below must be an integer of at least 1; received 0'],
    [() => bounded(k, 0, 2 ** 33), 'bounded: below must be at most 2^32; received 8589934592'],
    [() => permutation(k, -1), 'permutation: count must be an integer of at least 0; received -1'],
    [() => permutation(k, 2 ** 32), 'permutation: count must be at most 2^31; received 4294967296'],
    [
      () => fillRandint(new Float32Array(1), k, 0, 2 ** 25),
      'randint: needs -16777216 ≤ low < high ≤ 16777216; received low = 0, high = 33554432',
    ],
    [
      () => fillNormal(new Float32Array(1), k, 1, -2),
      'fillNormal: needs a finite mean and a standard deviation of at least 0, small enough for finite draws; received mean = 1, std = -2',
    ],
  ];
  for (const [call, text] of refused) expect(call).toThrow(new RangeError(text));
});

test('an array or a range that does not fit is refused by the name of the function', () => {
  const int8 = new Int8Array(2);
  expect(() => fillBits(as(int8), k)).toThrow('fillBits: writes to Int32Array, Uint32Array; received Int8Array');
  expect(() => fillRandint(as(int8), k, 0, 2)).toThrow(
    'randint: writes to Int32Array, Float32Array, Float64Array; received Int8Array',
  );
  expect(() => fillNormal(as(int8), k)).toThrow('fillNormal: writes to Float32Array, Float64Array; received Int8Array');
  const beyond = { count: 3 };
  const text = '3 elements from 0 on do not lie within an array of 2';
  expect(() => fillBits(new Int32Array(2), k, beyond)).toThrow(`fillBits: ${text}`);
  expect(() => fillBernoulli(int8, k, 0.5, beyond)).toThrow(`bernoulli: ${text}`);
  expect(() => fillRandint(new Int32Array(2), k, 0, 2, beyond)).toThrow(`randint: ${text}`);
  expect(() => fillNormal(new Float32Array(2), k, 0, 1, beyond)).toThrow(`fillNormal: ${text}`);
});
