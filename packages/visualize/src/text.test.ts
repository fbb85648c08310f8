import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../test/markup.js';
import { describeNonFinite, finiteExtent, formatNumber, formatPercent, formatShort, formatTicks } from './number.js';
import { checkInteger, checkOptions } from './options.js';
import { shorten, wrap } from './svg.js';
import { element, escapeText } from './xml.js';

test('the checker of these tests refuses what is not well-formed', () => {
  for (const bad of [
    '<a>',
    '<a></b>',
    '<a b=c/>',
    '<a b="1" b="2"/>',
    '<a>&</a>',
    '<a>&nbsp;</a>',
    '<a/><a/>',
    '<a>\u0001</a>',
    'x',
    '<a b="<"/>',
    '',
  ]) {
    expect(() => parse(bad)).toThrow(/not well-formed/);
  }
});

// UTF-16 code units, lone surrogates and controls among them, and the characters of markup more often than by chance.
const unit = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }),
  fc.constantFrom(...[...'<>&"\'];\u0000\u{FFFE}'].map((c) => c.charCodeAt(0))),
);

test('any text survives as element content and as attribute', () => {
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 12 }), (units) => {
      const text = String.fromCharCode(...units);
      const node = parse(element('a', { b: text }, escapeText(text)));
      const expected = text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}');
      expect(node.text).toBe(expected);
      expect(node.attributes.b).toBe(expected);
    }),
  );
});

test('markup, controls and lone surrogates are escaped', () => {
  expect(escapeText(`<b a="1">&'\u0000\uD800\uFFFF😀`)).toBe('&lt;b a=&quot;1&quot;&gt;&amp;&#39;\uFFFD\uFFFD\uFFFD😀');
});

test('a non-finite coordinate never reaches markup', () => {
  expect(() => element('line', { x1: Number.NaN })).toThrow('line: attribute x1 is NaN, expected a finite number');
  expect(element('line', { x1: -0.001, y1: 1 / 3, hidden: undefined })).toBe('<line x1="0" y1="0.33"/>');
});

test('unknown options throw and name the known ones', () => {
  expect(() => checkOptions('f', { a: 1, z: 2 }, ['a', 'b'])).toThrow(
    new TypeError('f: unknown option z; the options are a, b'),
  );
  expect(() => checkOptions('f', { y: 1, z: 2 }, ['a'])).toThrow('f: unknown option y, z; the options are a');
  for (const given of [null, 'text'])
    expect(() => checkOptions('f', given as never, ['a', 'b'])).toThrow(
      `f: received ${given}, expected an object of options: a, b`,
    );
  expect(() => checkInteger('f', 'n', 1.5, 1)).toThrow('f: n is 1.5, expected an integer ≥ 1');
});

test.each([
  [0, '0'],
  [-0, '0'],
  [61706, '61,706'],
  [-3, '−3'],
  [0.98713, '0.9871'],
  [0.1, '0.1'],
  [12345.678, '12,350'],
  [0.00012345, '1.234e−4'],
  [1e300, '1e300'],
  [2 ** 53, '9.007e15'],
  [Number.NaN, 'NaN'],
  [Infinity, '∞'],
  [-Infinity, '−∞'],
])('number %s reads %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  [1, '100%'],
  [0.99999, '99.9%'],
  [0.98, '98.0%'],
  [0.0001, '<0.1%'],
  [0.0005, '0.1%'],
  [1.2, '120.0%'],
  [0, '0%'],
  [Number.NaN, '–'],
])('share %s reads %s', (share, text) => {
  expect(formatPercent(share)).toBe(text);
});

test('short numbers', () => {
  expect([1e9, 999_999_999, 0.001].map(formatNumber)).toEqual(['1e9', '999,999,999', '0.001']);
  expect(formatShort(1e15)).toBe('1e15');
  expect([12345, 999, 4.5e6, 1e20, Number.NaN].map(formatShort)).toEqual(['12.3k', '999', '4.5M', '1e20', 'NaN']);
});

test('ticks have equal decimals and stay apart', () => {
  expect(formatTicks([0, 0.5, 1])).toEqual(['0.0', '0.5', '1.0']);
  expect(formatTicks([0, 5000, 10000])).toEqual(['0', '5k', '10k']);
  expect(formatTicks([0, 1e-5])).toEqual(['0', '1e−5']);
  expect(formatTicks([0, 1e300])).toEqual(['0', '1e300']);
  expect(formatTicks([])).toEqual([]);
  expect(formatTicks([0, 1e15])).toEqual(['0', '1e15']);
  expect(formatTicks([0, 0.001])).toEqual(['0.000', '0.001']);
  expect(formatTicks([1000, 1000.5])).toEqual(['1,000.0', '1,000.5']);
  expect(formatTicks([-0.5, 0])).toEqual(['−0.5', '0.0']);
  expect(formatTicks([123456, 123457])).toEqual(['123.456k', '123.457k']);
  expect(formatTicks([10_000_001, 10_000_002])).toEqual(['10,000,001', '10,000,002']);
});

test('no tick is rounded to another number', () => {
  expect(formatTicks([0, 0.5, 1.25])).toEqual(['0', '0.5', '1.25']);
  expect(formatTicks([0])).toEqual(['0']);
});

test('extent ignores and counts what is not finite', () => {
  const { extent, nonFinite } = finiteExtent([3, Number.NaN, -1, Infinity, -Infinity, Infinity]);
  expect(extent).toEqual([-1, 3]);
  expect(describeNonFinite(nonFinite)).toBe('1 NaN, 2 ∞, 1 −∞');
  expect(finiteExtent([Number.NaN]).extent).toBeNull();
});

test('text is broken at spaces and shortened by characters, not code units', () => {
  expect(wrap('one two  three', 8)).toEqual(['one two', 'three']);
  expect(wrap('', 8)).toEqual([]);
  expect(wrap('a\u{A0}b c', 3)).toEqual(['a\u{A0}b', 'c']);
  expect(shorten('😀😀😀', 3)).toBe('😀😀😀');
  expect(shorten('😀😀😀😀', 3)).toBe('😀😀…');
});
