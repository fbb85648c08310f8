import { expect, test } from 'vitest';
import { agree, median, significant } from './statistics.js';

test('the median is the middle, or the mean of the two in the middle, in numeric order', () => {
  expect(median([10, 9, 100])).toBe(10);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow('there are no samples');
});

test('the median leaves its samples as they are', () => {
  const samples = [3, 1, 2];
  median(samples);
  expect(samples).toEqual([3, 1, 2]);
});

test('significant digits', () => {
  expect(significant(1234.56)).toBe(1235);
  expect(significant(0.000123456, 2)).toBe(0.00012);
});

test('lists agree within a part in a thousand, as far as both go', () => {
  expect(agree([100, 5], [100.05])).toBe(true);
  expect(agree([100], [100.2])).toBe(false);
  expect(agree([2.3, -1], [2.3, 1])).toBe(false);
  expect(agree([0], [0])).toBe(true);
  expect(agree([Number.NaN], [1])).toBe(false);
});
