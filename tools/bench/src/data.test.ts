import { expect, test } from 'vitest';
import { fingerprint, labels, mask, stream } from './data.js';

test('mulberry32: the first values of seed 1, as published', () => {
  // 0.6270739405881613 and 0.002735721180215478 in [0, 1).
  const [first, second] = stream(1, 2, 0, 1);
  expect(first).toBeCloseTo(0.6270739405881613, 6);
  expect(second).toBeCloseTo(0.002735721180215478, 8);
});

test('values fill their range', () => {
  const values = stream(7, 10_000, -0.5, 1.5);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.5);
  expect(Math.min(...values)).toBeLessThan(-0.49);
  expect(Math.max(...values)).toBeGreaterThan(1.49);
  expect(values.reduce((a, b) => a + b, 0) / 10_000).toBeCloseTo(0.5, 1);
});

test('labels and masks', () => {
  expect([...labels(4)]).toEqual([0, 7, 4, 1]);
  expect(new Set(mask(2, 100))).toEqual(new Set([0, 1]));
});

test('a fingerprint tells the sign and forgets the order', () => {
  expect(fingerprint([1, -2, 3])).toEqual([6, 8]);
  expect(fingerprint([3, 1, -2])).toEqual([6, 8]);
  expect(fingerprint([-1, 2, -3])).toEqual([6, 4]);
});
