import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  broadcastAxes,
  broadcastShapes,
  checkShape,
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  perAxis,
  sameShape,
  ShapeError,
  sizeOf,
} from './index.js';

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

/** Every index of a shape, in row-major order. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, dim) => all.flatMap((index) => Array.from({ length: dim }, (_, i) => [...index, i])),
    [[]],
  );
}

test('the size of a shape is its number of indices, 1 for a scalar', () => {
  expect(sizeOf([])).toBe(1);
  expect(sizeOf([3, 32, 32])).toBe(3072);
  fc.assert(fc.property(shapes, (shape) => sizeOf(shape) === indices(shape).length));
});

test('sizes are never fractional, negative, NaN or beyond 2^53 - 1', () => {
  for (const bad of [
    [0.5, 2],
    [-1],
    [-1, -1],
    [NaN],
    [Infinity],
    [2, undefined as unknown as number],
    [2 ** 30, 2 ** 30],
  ]) {
    expect(() => sizeOf(bad)).toThrow(ShapeError);
    expect(() => contiguousStrides(bad)).toThrow('contiguousStrides: ');
    expect(() => checkShape('op', bad)).toThrow(ShapeError);
  }
  for (const [bad, text] of [
    ['23', "sizeOf: a shape must be an array of sizes (received '23')."],
    [new Int32Array(2), 'sizeOf: a shape must be an array of sizes (received an object).'],
    [null, 'sizeOf: a shape must be an array of sizes (received null).'],
    [[3, -1, 2, 0.5], 'sizes of [3, -1, 2, 0.5] must be non-negative integers (axis 1, received -1).'],
    [[3, 0.5], 'sizeOf: sizes of [3, 0.5] must be non-negative integers (axis 1, received 0.5).'],
    [
      [2 ** 30, 2 ** 30],
      'sizeOf: [1073741824, 1073741824] has more than 2^53 - 1 elements (received 1152921504606847000).',
    ],
  ] as const)
    expect(() => sizeOf(bad as unknown as number[])).toThrow(text);
  expect(sizeOf([2 ** 40, 2 ** 40, 0])).toBe(0);
});

test('strides number the elements in row-major order', () => {
  expect(contiguousStrides([])).toEqual([]);
  expect(contiguousStrides([2, 3, 4])).toEqual([12, 4, 1]);
  expect(contiguousStrides([2, 0, 4])).toEqual([4, 4, 1]);
  fc.assert(
    fc.property(shapes, (shape) => {
      const strides = contiguousStrides(shape);
      indices(shape).forEach((index, n) => {
        expect(index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0)).toBe(n);
      });
    }),
  );
});

test('shapes are the same with the same rank and sizes only', () => {
  expect(sameShape([2, 3], [2, 3])).toBe(true);
  expect(sameShape([], [])).toBe(true);
  expect(sameShape([2, 3], [3, 2])).toBe(false);
  expect(sameShape([2], [2, 1])).toBe(false);
  expect(formatShape([2, 3])).toBe('[2, 3]');
});

test('negative axes count from the back', () => {
  expect(normalizeAxis('sum', -1, 3)).toBe(2);
  expect(normalizeAxis('sum', 0, 3)).toBe(0);
  expect(Object.is(normalizeAxis('sum', -0, 3), 0)).toBe(true);
  expect(normalizeAxes('sum', undefined, 3)).toEqual([0, 1, 2]);
  expect(normalizeAxes('sum', -2, 3)).toEqual([1]);
  expect(normalizeAxes('permute', [2, -3, 1], 3)).toEqual([2, 0, 1]);
  expect(normalizeAxes('sum', [], 3)).toEqual([]);
});

test('an axis that is not there, fractional or named twice is refused', () => {
  for (const bad of [3, -4, 0.5, NaN]) expect(() => normalizeAxis('sum', bad, 3)).toThrow(ShapeError);
  expect(() => normalizeAxis('sum', 3, 3)).toThrow('sum: an axis of 3 must be an integer from -3 to 2 (received 3).');
  expect([normalizeAxis('sum', 0, 0), normalizeAxis('sum', -1, 0)]).toEqual([0, 0]);
  expect(normalizeAxes('sum', [-1], 0)).toEqual([]);
  expect(() => normalizeAxis('sum', 1, 0)).toThrow('sum: an axis of 0 must be an integer from -1 to 0 (received 1).');
  expect(() => normalizeAxes('sum', [1, -2], 3)).toThrow('sum: an axis must be named once (axis 1, received [1, -2]).');
  expect(() => normalizeAxes('sum', [3, 4], 3)).toThrow('sum: 2 problems');
});

test('options are expanded over the spatial axes', () => {
  expect(perAxis('conv2d', 'stride', 2, 2, 1)).toEqual([2, 2]);
  expect(perAxis('conv2d', 'stride', [2, 3], 2, 1)).toEqual([2, 3]);
  expect(() => perAxis('conv2d', 'stride', 0, 2, 1)).toThrow(
    'conv2d: stride must be integers of at least 1 (received 0).',
  );
  for (const bad of [NaN, 1.5, -1, Infinity, [1, 0.5], [1], [1, 2, 3], '2' as unknown as number]) {
    expect(() => perAxis('conv2d', 'stride', bad, 2, 1)).toThrow(ShapeError);
  }
});

/** NumPy's rule, element by element: does any index of the result map back to both inputs? */
function broadcastOracle(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const pad = (shape: readonly number[]) => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [x, y] = [pad(a), pad(b)];
  const result: number[] = [];
  for (let i = 0; i < rank; i++) {
    if (x[i] === y[i]) result.push(x[i]!);
    else if (x[i] === 1) result.push(y[i]!);
    else if (y[i] === 1) result.push(x[i]!);
    else return null;
  }
  return result;
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

test('E7: shapes broadcast by the rule of NumPy', () => {
  expect(broadcastShapes('add', [8, 1, 6, 1], [7, 1, 5])).toEqual([8, 7, 6, 5]);
  expect(broadcastShapes('add')).toEqual([]);
  expect(broadcastShapes('add', [0], [1])).toEqual([0]);
  expect(broadcastShapes('add', [2, 1], [1, 3], [4, 1, 1])).toEqual([4, 2, 3]);
  fc.assert(
    fc.property(shapes, shapes, (a, b) => {
      const expected = broadcastOracle(a, b);
      expect(attempt(() => broadcastShapes('add', a, b))).toEqual(expected ?? 'refused');
    }),
  );
});

test('E7: a failed broadcast names every axis and both shapes', () => {
  expect(() => broadcastShapes('add', [2, 3, 4], [5, 4])).toThrow(
    [
      'add: sizes 3 and 5 do not broadcast (axis 1, expected equal sizes, or 1). ' +
        'Axes are counted in the common shape, aligned at the last axis: [2, 3, 4], [5, 4].',
      '  shapes: input 0 [2, 3, 4], input 1 [5, 4]',
    ].join('\n'),
  );
  expect(() => broadcastShapes('add', [2, 3], [4, 5])).toThrow('add: 2 problems');
  expect(() => broadcastShapes('add', [0], [3])).toThrow('sizes 0 and 3 do not broadcast');
});

test('E7: the summed axes are those along which an element was repeated', () => {
  expect(broadcastAxes([3, 1], [2, 3, 4])).toEqual([0, 2]);
  expect(broadcastAxes([], [2, 3])).toEqual([0, 1]);
  expect(broadcastAxes([1, 3], [1, 3])).toEqual([]);
  expect(broadcastAxes([1], [0])).toEqual([0]);
  expect(broadcastAxes([3], [1, 3])).toEqual([0]);
  expect(() => broadcastAxes([2], [3])).toThrow(
    'broadcastAxes: size 2 does not broadcast to 3 (axis 0).\n  shapes: from [2], to [3]',
  );
  expect(() => broadcastAxes([3], [1])).toThrow(ShapeError);
  expect(() => broadcastAxes([1, 1], [1])).toThrow('2 axes do not broadcast to 1');
  fc.assert(
    fc.property(shapes, shapes, (from, other) => {
      const to = broadcastOracle(from, other);
      fc.pre(to !== null);
      const kept = to.filter((_, axis) => !broadcastAxes(from, to).includes(axis));
      expect(kept.filter((dim) => dim !== 1)).toEqual(from.filter((dim) => dim !== 1));
    }),
  );
});
