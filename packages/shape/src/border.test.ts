import { expect, test } from 'vitest';
import { BORDERS, checkBorder } from './index.js';

const refusal = (...given: Parameters<typeof checkBorder>): string => {
  try {
    checkBorder(...given);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
};

test('C13: reflect needs padding below the size, circular at most the size, replicate takes any', () => {
  expect(refusal('conv2d', 'reflect', 4, [3, 3])).toBe('none');
  expect(refusal('conv2d', 'reflect', 4, [0, 4], 3)).toBe(
    "conv2d: reflect padding must be below the 4 elements that it mirrors (axis 3, received [0, 4]). Use less padding, or 'replicate'.",
  );
  expect(refusal('pad', 'circular', 4, [4, 4])).toBe('none');
  expect(refusal('pad', 'circular', 4, [5, 0])).toBe(
    'pad: circular padding must be at most the 4 elements that it repeats (received [5, 0]).',
  );
  expect(refusal('pad', 'replicate', 1, [50, 50])).toBe('none');
});

test('elements taken away: circular repeats what is left, and something must be left', () => {
  expect(refusal('pad', 'circular', 4, [-1, 3])).toBe('none');
  expect(refusal('pad', 'circular', 4, [-2, 3])).toMatch(/at most the 2 elements/);
  expect(refusal('pad', 'circular', 4, [3, -2])).toMatch(/at most the 2 elements/);
  expect(refusal('pad', 'replicate', 4, [-4, 1])).toBe('none');
  expect(refusal('pad', 'replicate', 4, [-3, -1])).toBe(
    'pad: replicate padding of [-3, -1] leaves nothing of 4 elements (received 0).',
  );
  expect(refusal('pad', 'reflect', 0, [1, 0])).toMatch(/leaves nothing of 0 elements/);
  expect(refusal('pad', 'circular', 0, [0, 0])).toBe('none');
});

test('the borders by name', () => {
  expect(BORDERS).toEqual(['reflect', 'replicate', 'circular']);
});
