import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  effectiveKernel,
  outputSize,
  paddingPerAxis,
  perAxis,
  Problems,
  resolvePadding,
  ShapeError,
  slide,
  type Window,
} from './index.js';

const windows = fc.record({
  size: fc.integer({ min: 1, max: 20 }),
  kernel: fc.integer({ min: 1, max: 6 }),
  stride: fc.integer({ min: 1, max: 5 }),
  dilation: fc.integer({ min: 1, max: 4 }),
  padding: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
});

/** Places one window after the other and counts those whose every read is inside the padded input. */
function countByPlacing({ size, kernel, stride, dilation, padding: [before, after] }: Placed): number {
  let count = 0;
  for (let start = -before; ; start += stride) {
    for (let j = 0; j < kernel; j++) if (start + j * dilation >= size + after) return count;
    count++;
  }
}

/**
 * The same in ceil mode: a last window may read beyond the padded input, if it misses less than a
 * stride and does not start in the padding after the input.
 */
function countByPlacingCeil(window: Placed): number {
  const { size, kernel, stride, dilation, padding } = window;
  let count = 0;
  for (let start = -padding[0]; start < size; start += stride) {
    const missing = Math.max(0, start + dilation * (kernel - 1) - (size + padding[1] - 1));
    if (missing < stride) count++;
  }
  return count;
}

interface Placed {
  size: number;
  kernel: number;
  stride: number;
  dilation: number;
  padding: [number, number];
}

/** The result, or 'refused' where it throws a ShapeError. */
function attempt<T>(f: () => T): T | 'refused' {
  try {
    return f();
  } catch (error) {
    if (error instanceof ShapeError) return 'refused';
    throw error;
  }
}

test('W - K + 1 + 2P counts the window positions of stride 1', () => {
  expect(outputSize({ size: 32, kernel: 5 })).toBe(28);
  expect(outputSize({ size: 7, kernel: 3 })).toBe(5);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.nat(5), (W, K, P) => {
      fc.pre(W + 2 * P >= K);
      const placed = countByPlacing({ size: W, kernel: K, stride: 1, dilation: 1, padding: [P, P] });
      expect(outputSize({ size: W, kernel: K, padding: P })).toBe(placed);
      expect(placed).toBe(W - K + 1 + 2 * P);
    }),
  );
});

test('stride, dilation and padding a side: the formula counts window positions', () => {
  fc.assert(
    fc.property(windows, (window) => {
      const placed = countByPlacing(window);
      expect(attempt(() => outputSize(window))).toBe(placed === 0 ? 'refused' : placed);
    }),
    { numRuns: 1000 },
  );
});

test('P1: ceil mode counts an overhanging last window only if it starts before the padding', () => {
  expect(outputSize({ size: 5, kernel: 2, stride: 2, padding: 1, ceil: true })).toBe(3);
  expect(outputSize({ size: 5, kernel: 2, stride: 2, ceil: true })).toBe(3);
  expect(outputSize({ size: 5, kernel: 2, stride: 2 })).toBe(2);
  expect(outputSize({ size: 3, kernel: 4, stride: 2, ceil: true })).toBe(1);
  expect(() => outputSize({ size: 3, kernel: 9, stride: 2, ceil: true })).toThrow(ShapeError);
});

test('P1: ceil mode counts window positions', () => {
  fc.assert(
    fc.property(windows, (window) => {
      const placed = countByPlacingCeil(window);
      expect(attempt(() => outputSize({ ...window, ceil: true }))).toBe(placed === 0 ? 'refused' : placed);
    }),
    { numRuns: 1000 },
  );
});

test("C1: 'same' is P = (K - 1) / 2 for an odd kernel; of an even one the extra pad goes to the end", () => {
  for (const kernel of [1, 3, 5, 7]) {
    expect(resolvePadding({ size: 9, kernel, padding: 'same' })).toEqual([(kernel - 1) / 2, (kernel - 1) / 2]);
  }
  expect(resolvePadding({ size: 3, kernel: 2, padding: 'same' })).toEqual([0, 1]);
  expect(resolvePadding({ size: 3, kernel: 4, padding: 'same' })).toEqual([1, 2]);
  expect(resolvePadding({ size: 3, kernel: 2, dilation: 3, padding: 'same' })).toEqual([1, 2]);
  fc.assert(
    fc.property(windows, ({ size, kernel, dilation }) => {
      expect(outputSize({ size, kernel, dilation, padding: 'same' })).toBe(size);
    }),
  );
});

test("C1: x = [1, 2, 3], w = [1, 10] under 'same' gives [21, 32, 3]", () => {
  const [before, after] = resolvePadding({ size: 3, kernel: 2, padding: 'same' });
  const padded = [...new Array<number>(before).fill(0), 1, 2, 3, ...new Array<number>(after).fill(0)];
  expect([0, 1, 2].map((i) => padded[i]! + 10 * padded[i + 1]!)).toEqual([21, 32, 3]);
});

test("C2: 'same' with a stride throws and names the alternatives", () => {
  expect(() => outputSize({ size: 8, kernel: 3, stride: 2, padding: 'same' }, 'conv1d')).toThrow(
    "conv1d: padding 'same' needs stride 1 (received 2). Use 'same-upper' or 'same-lower', " +
      'whose output has ceil(size / stride) elements, or give numbers.',
  );
});

test("C2, C3: 'same-upper' and 'same-lower' give ceil(n / s), least padding, and differ in the side of the odd element", () => {
  expect(resolvePadding({ size: 8, kernel: 3, stride: 2, padding: 'same-upper' })).toEqual([0, 1]);
  expect(resolvePadding({ size: 8, kernel: 3, stride: 2, padding: 'same-lower' })).toEqual([1, 0]);
  expect(resolvePadding({ size: 5, kernel: 1, stride: 3, padding: 'same-upper' })).toEqual([0, 0]);
  fc.assert(
    fc.property(windows, ({ size, kernel, stride, dilation }) => {
      const base: Window = { size, kernel, stride, dilation };
      const upper = resolvePadding({ ...base, padding: 'same-upper' });
      const lower = resolvePadding({ ...base, padding: 'same-lower' });
      expect(upper).toEqual([...lower].reverse());
      expect(upper[1] - upper[0]).toBeOneOf([0, 1]);
      expect(outputSize({ ...base, padding: 'same-upper' })).toBe(Math.ceil(size / stride));
      expect(outputSize({ ...base, padding: 'same-lower' })).toBe(Math.ceil(size / stride));
      const total = upper[0] + upper[1];
      const fewer = countByPlacing({ size, kernel, stride, dilation, padding: [total - 1, 0] });
      expect(total === 0 || fewer < Math.ceil(size / stride)).toBe(true);
    }),
  );
});

test('padding is given as a number, a pair or by name, and as nothing else', () => {
  expect(resolvePadding({ size: 4, kernel: 3 })).toEqual([0, 0]);
  expect(resolvePadding({ size: 4, kernel: 3, padding: 2 })).toEqual([2, 2]);
  expect(resolvePadding({ size: 4, kernel: 3, padding: [1, 0] })).toEqual([1, 0]);
  expect(resolvePadding({ size: 4, kernel: 3, padding: 'valid' })).toEqual([0, 0]);
  for (const bad of [-1, 0.5, NaN, [1], [1, 2, 3], [1, -1], 'full', null]) {
    expect(() => resolvePadding({ size: 4, kernel: 3, padding: bad as unknown as number })).toThrow(ShapeError);
  }
  expect(() => resolvePadding({ size: 4, kernel: 3, padding: 'SAME' as 'same' })).toThrow(
    "resolvePadding: padding must be a non-negative integer, [before, after], 'valid', 'same', 'same-upper' or " +
      "'same-lower' (received 'SAME').",
  );
});

test('C11: a kernel larger than the padded input throws, with the numbers put in', () => {
  expect(() => outputSize({ size: 3, kernel: 5 })).toThrow(
    'outputSize: the kernel spans 5, but the padded input has 3 + 0 + 0 = 3. ' +
      'Use a smaller kernel or dilation, more padding, or a larger input.',
  );
  expect(() => outputSize({ size: 4, kernel: 3, dilation: 3, padding: [1, 0] })).toThrow(
    'the kernel spans 3 * (3 - 1) + 1 = 7, but the padded input has 4 + 1 + 0 = 5',
  );
  expect(outputSize({ size: 5, kernel: 3, dilation: 2 })).toBe(1);
  expect(effectiveKernel(3, 2)).toBe(5);
});

test('sizes, strides and dilations that are no positive integers are refused, all at once', () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity, '3' as unknown as number]) {
    expect(() => outputSize({ size: bad, kernel: 1 })).toThrow(ShapeError);
    expect(() => outputSize({ size: 3, kernel: bad })).toThrow(ShapeError);
    expect(() => outputSize({ size: 3, kernel: 1, stride: bad })).toThrow(ShapeError);
    expect(() => outputSize({ size: 3, kernel: 1, dilation: bad })).toThrow(ShapeError);
  }
  expect(() => outputSize({ size: 3, kernel: 1, ceil: 1 as unknown as boolean })).toThrow('ceil must be true or false');
  expect(() => outputSize({ size: NaN, kernel: 0, stride: 0.5 })).toThrow('outputSize: 3 problems');
  expect(() => outputSize({ size: 3, kernal: 2 } as unknown as Window)).toThrow("did you mean 'kernel'?");
  expect(() => resolvePadding({ size: 0, kernel: 1 })).toThrow(
    'resolvePadding: size must be an integer of at least 1 (received 0).',
  );
  // Where the padding is none, whether the kernel fits is not asked.
  expect(() => slide({ size: 3, kernel: 5, padding: -1 })).toThrow(
    /^outputSize: padding must be .* \(received -1\)\.$/,
  );
});

test('whoever collects reasons goes on with what fits', () => {
  const problems = new Problems('conv2d');
  expect(slide({ size: 0, kernel: 1 }, problems)).toEqual({ size: 1, padding: [0, 0] });
  expect(slide({ size: 3, kernel: 9, padding: 1 }, problems)).toEqual({ size: 1, padding: [1, 1] });
  expect(resolvePadding({ size: 3, kernel: 0 }, problems)).toEqual([0, 0]);
  expect(perAxis(problems, 'stride', [2], 3, 1)).toEqual([1, 1, 1]);
  expect(paddingPerAxis(problems, [2], 3)).toEqual([0, 0, 0]);
  expect(problems.reasons).toHaveLength(5);
});

test('a list of paddings has one entry for each axis, and two numbers for one axis are a pair in a list', () => {
  const refused = (padding: readonly number[], rank: number): unknown => {
    const problems = new Problems('conv');
    paddingPerAxis(problems, padding, rank);
    return problems.reasons[0];
  };
  const rule = (rank: number): string => `padding needs one value, or one for each of the ${rank} spatial axes`;
  const hint = 'An entry is a number, or [before, after]';
  expect(refused([1, 2], 1)).toEqual({
    rule: rule(1),
    received: [1, 2],
    hint: 'For different sides of one axis write [[1, 2]]',
  });
  expect(refused([1, 2, 3], 1)).toEqual({ rule: rule(1), received: [1, 2, 3], hint });
  expect(refused([1, 2], 3)).toEqual({ rule: rule(3), received: [1, 2], hint });
});
