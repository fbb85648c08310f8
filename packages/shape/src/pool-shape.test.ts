import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { OptionError, poolGeometry, poolOutputShape, ShapeError } from './index.js';

test('P12: 2 x 2 pooling halves 4 x 4, the stride being the kernel', () => {
  expect(poolOutputShape('maxPool2d', { input: [1, 1, 4, 4], kernel: 2 })).toEqual([1, 1, 2, 2]);
  expect(poolGeometry('maxPool2d', { input: [0, 3, 9, 8], kernel: [3, 2] })).toEqual({
    outputShape: [0, 3, 3, 4],
    kernel: [3, 2],
    stride: [3, 2],
    dilation: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
    ceil: false,
  });
});

test('P1, P2: ceil mode', () => {
  const ceil = true;
  expect(poolOutputShape('maxPool1d', { input: [1, 1, 5], kernel: 2, padding: 1, ceil })).toEqual([1, 1, 3]);
  expect(poolOutputShape('avgPool2d', { input: [1, 1, 7, 7], kernel: 2, stride: 3, ceil })).toEqual([1, 1, 3, 3]);
});

test('P4: padding above half the kernel is refused', () => {
  expect(() => poolOutputShape('maxPool2d', { input: [1, 1, 8, 8], kernel: 3, padding: [1, 2] })).toThrow(
    "maxPool2d: padding must be at most 1, half the kernel's span of 3 (axis 3, received [2, 2]).\n" +
      '  shapes: input [1, 1, 8, 8]',
  );
  expect(() => poolOutputShape('maxPool1d', { input: [1, 1, 8], kernel: 3, padding: [[0, 2]] })).toThrow(ShapeError);
});

test('P4: dilation 2 over height 1 would read padding alone', () => {
  expect(() => poolOutputShape('maxPool1d', { input: [1, 1, 1], kernel: 2, dilation: 2, padding: 1 })).toThrow(
    'maxPool1d: the window at -1 reads only padding: with dilation 2 it steps over an input of 1 (axis 2). ' +
      'Use less padding or dilation.',
  );
  // The first window reads the first element; the second, which overhangs, steps over both.
  const second = { input: [1, 1, 2], kernel: 3, dilation: 3, stride: 2, padding: 3 };
  expect(poolOutputShape('maxPool1d', second)).toEqual([1, 1, 1]);
  expect(() => poolOutputShape('maxPool1d', { ...second, ceil: true })).toThrow(
    'maxPool1d: the window at -1 reads only padding: with dilation 3 it steps over an input of 2 (axis 2).',
  );
});

/** The result, or 'refused' where it throws a ShapeError. */
function attempt<T>(f: () => T): T | 'refused' {
  try {
    return f();
  } catch (error) {
    if (error instanceof ShapeError) return 'refused';
    throw error;
  }
}

test('P4: exactly the poolings in which every window reads the input are accepted', () => {
  const numbers = fc.record({
    size: fc.integer({ min: 1, max: 8 }),
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 4 }),
    padding: fc.tuple(fc.nat(3), fc.nat(3)),
    ceil: fc.boolean(),
  });
  fc.assert(
    fc.property(numbers, ({ size, kernel, stride, dilation, padding, ceil }) => {
      const span = dilation * (kernel - 1) + 1;
      const half = Math.max(...padding) <= span / 2;
      let touching = true;
      let count = 0;
      for (let start = -padding[0]; start < size; start += stride) {
        const overhang = Math.max(0, start + span - (size + padding[1]));
        if (ceil ? overhang >= stride : overhang > 0) break;
        count++;
        const reads = Array.from({ length: kernel }, (_, j) => start + j * dilation);
        touching &&= reads.some((i) => i >= 0 && i < size);
      }
      const pool = () =>
        poolOutputShape('maxPool1d', { input: [1, 1, size], kernel, stride, dilation, padding: [padding], ceil });
      expect(attempt(pool)).toEqual(half && touching && count > 0 ? [1, 1, count] : 'refused');
    }),
    { numRuns: 1000 },
  );
});

test('what does not fit is refused', () => {
  const input = [1, 1, 8, 8];
  expect(() => poolOutputShape('maxPool2d', { input: [1, 8, 8], kernel: 2, spatialRank: 2 })).toThrow(
    'input must have 4 axes [N, C, ...spatial] (received 3).',
  );
  expect(() => poolOutputShape('avgPool2d', { input: [1, 0, 8, 8], kernel: 2 })).toThrow(
    'avgPool2d: input must have at least one channel (axis 1, received 0).',
  );
  expect(() => poolOutputShape('maxPool2d', { input, kernel: 0 })).toThrow('kernel must be integers of at least 1');
  const hint = 'Use a smaller kernel or dilation, more padding, or a larger input.';
  expect(() => poolOutputShape('maxPool2d', { input, kernel: 9 })).toThrow(
    [
      'maxPool2d: 2 problems',
      `  1. the kernel spans 9, but the padded input has 8 + 0 + 0 = 8 (axis 2). ${hint}`,
      `  2. the kernel spans 9, but the padded input has 8 + 0 + 0 = 8 (axis 3). ${hint}`,
    ].join('\n'),
  );
  // Where there is no window, none reads only padding.
  expect(() => poolOutputShape('maxPool1d', { input: [1, 1, 1], kernel: 2, dilation: 8, padding: 3 })).toThrow(
    'maxPool1d: the kernel spans 8 * (2 - 1) + 1 = 9, but the padded input has 1 + 3 + 3 = 7 (axis 2).',
  );
  expect(() => poolOutputShape('maxPool2d', { input, kernel: 2, ceil: 'yes' as never })).toThrow(ShapeError);
  expect(() => poolOutputShape('maxPool2d', { input, kernel: 2, ceilMode: true } as never)).toThrow(OptionError);
});
