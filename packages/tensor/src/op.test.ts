import { expect, test } from 'vitest';
import { attrsKey, NO_ATTRS } from './op.js';

test('numbers that differ have different keys: NaN, −0, ±∞, and 1 beside "1" and true', () => {
  const values = [
    NaN,
    0,
    -0,
    Infinity,
    -Infinity,
    1,
    '1',
    true,
    'true',
    null,
    'null',
    [],
    {},
    [1],
    ['1'],
    [[1]],
    [undefined],
    [{}],
    [null],
  ];
  const keys = values.map((value) => attrsKey({ value }));
  expect(new Set(keys).size).toBe(values.length);
});

test('the order of members does not matter, undefined members do not count, at any depth', () => {
  expect(attrsKey({ a: 1, b: { d: [1, 2], c: undefined } })).toBe(attrsKey({ b: { d: [1, 2] }, a: 1 }));
  expect(attrsKey({ a: [1, 2] })).not.toBe(attrsKey({ a: [2, 1] }));
  expect(attrsKey({ a: 1 })).not.toBe(attrsKey({ b: 1 }));
});

test('names cannot imitate structure', () => {
  expect(attrsKey({ 'a:1,b': 2 })).not.toBe(attrsKey({ a: 1, b: 2 }));
  expect(attrsKey({ a: '1,b:2' })).not.toBe(attrsKey({ a: 1, b: 2 }));
  expect(attrsKey({ a: ['1,2'] })).not.toBe(attrsKey({ a: ['1', '2'] }));
});

test('no attributes are the empty text', () => {
  expect([attrsKey(NO_ATTRS), attrsKey({}), attrsKey(undefined), attrsKey({ a: undefined })]).toEqual(['', '', '', '']);
});

test('what is not plain data is refused', () => {
  expect(() => attrsKey({ f: () => 1 })).toThrow(
    'attributes of an op are plain data (numbers, strings, booleans, arrays and objects of these), received a function',
  );
  expect(() => attrsKey({ d: new Map([[1, 2]]) })).toThrow('received a Map');
  expect(() => attrsKey({ d: Float32Array.of(1) })).toThrow('received a Float32Array');
  expect(() => attrsKey({ d: 1n })).toThrow('received a bigint');
});
