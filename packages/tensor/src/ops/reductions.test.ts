import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradientError, pullBack, secondOrderError } from '../../test/gradient.js';
import { distance, everyIndex, randomFrom, randomView, reader, valuesOf, viewWith } from '../../test/values.js';
import { ones, tensor, zeros } from '../create.js';
import type { DType } from '../spec.js';
import type { Tensor } from '../tensor.js';
import {
  all,
  amax,
  amin,
  any,
  argmax,
  argmin,
  argsort,
  countNonzero,
  cumprod,
  cumsum,
  gather,
  indexSelect,
  logSoftmax,
  logsumexp,
  max,
  mean,
  min,
  norm,
  prod,
  scatter,
  scatterAdd,
  softmax,
  sort,
  std,
  sum,
  topk,
  transpose,
  variance,
  type ReduceOptions,
} from './index.js';

const f64 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'float64' });
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const seeds = fc.integer();

/** For each index of the result, the elements that were reduced to it, in row-major order. */
function groups(x: Tensor, axes: readonly number[]): number[][] {
  const at = reader(x);
  const kept = x.shape.map((n, a) => (axes.includes(a) ? 1 : n));
  const reduced = x.shape.map((n, a) => (axes.includes(a) ? n : 1));
  return everyIndex(kept).map((k) => everyIndex(reduced).map((r) => at(k.map((i, a) => i + r[a]))));
}

interface Case {
  readonly name: string;
  readonly f: (x: Tensor, options: ReduceOptions) => Tensor;
  readonly oracle: (row: number[]) => number;
  readonly dtypes?: readonly DType[];
}

const total = (row: number[]): number => row.reduce((a, b) => a + b, 0);
const moments = (row: number[], correction: number): number => {
  const m = total(row) / row.length;
  return total(row.map((x) => (x - m) ** 2)) / Math.max(0, row.length - correction);
};
const FLOATS: readonly DType[] = ['float64', 'float32'];
const ALL: readonly DType[] = ['float64', 'float32', 'int32', 'bool'];

const cases: readonly Case[] = [
  { name: 'sum', f: sum, oracle: total, dtypes: ALL },
  { name: 'mean', f: mean, oracle: (row) => total(row) / row.length, dtypes: ALL },
  { name: 'prod', f: prod, oracle: (row) => row.reduce((a, b) => a * b, 1), dtypes: ['float64', 'float32', 'bool'] },
  { name: 'amax', f: amax, oracle: (row) => Math.max(...row), dtypes: ALL },
  { name: 'amin', f: amin, oracle: (row) => Math.min(...row), dtypes: ALL },
  { name: 'variance', f: variance, oracle: (row) => moments(row, 1), dtypes: FLOATS },
  {
    name: 'variance of a population',
    f: (x, o) => variance(x, { ...o, correction: 0 }),
    oracle: (row) => moments(row, 0),
    dtypes: ALL,
  },
  { name: 'std', f: std, oracle: (row) => Math.sqrt(moments(row, 1)), dtypes: FLOATS },
  { name: 'logsumexp', f: logsumexp, oracle: (row) => Math.log(total(row.map(Math.exp))), dtypes: ALL },
  { name: 'norm', f: norm, oracle: (row) => Math.hypot(...row), dtypes: ALL },
  { name: 'norm p = 1', f: (x, o) => norm(x, { ...o, p: 1 }), oracle: (row) => total(row.map(Math.abs)), dtypes: ALL },
  {
    name: 'norm p = 3.5',
    f: (x, o) => norm(x, { ...o, p: 3.5 }),
    oracle: (row) => total(row.map((v) => Math.abs(v) ** 3.5)) ** (1 / 3.5),
    dtypes: FLOATS,
  },
  {
    name: 'norm p = 0',
    f: (x, o) => norm(x, { ...o, p: 0 }),
    oracle: (row) => row.filter((v) => v !== 0).length,
    dtypes: ALL,
  },
  {
    name: 'norm p = ∞',
    f: (x, o) => norm(x, { ...o, p: Infinity }),
    oracle: (row) => Math.max(...row.map(Math.abs)),
    dtypes: FLOATS,
  },
  {
    name: 'norm p = −∞',
    f: (x, o) => norm(x, { ...o, p: -Infinity }),
    oracle: (row) => Math.min(...row.map(Math.abs)),
    dtypes: FLOATS,
  },
  { name: 'countNonzero', f: countNonzero, oracle: (row) => row.filter((v) => v !== 0).length, dtypes: ALL },
  { name: 'any', f: any, oracle: (row) => Number(row.some((v) => v !== 0)), dtypes: ALL },
  { name: 'all', f: all, oracle: (row) => Number(row.every((v) => v !== 0)), dtypes: ALL },
];

describe('reductions against the definition, any axes, any strides', () => {
  test.each(cases)('$name', ({ f, oracle, dtypes = ALL }) => {
    fc.assert(
      fc.property(
        shapes,
        seeds,
        fc.boolean(),
        fc.constantFrom(...dtypes),
        fc.array(fc.nat(3), { maxLength: 4 }),
        (shape, seed, keepdims, dtype, picks) => {
          const x = randomView(shape, randomFrom(seed), dtype);
          const axes = [...new Set(picks.map((p) => p % shape.length))];
          const axis = axes.map((a, i) => (i % 2 === 0 ? a : a - shape.length));
          const y = f(x, { axis, keepdims });
          expect(y.shape).toEqual(shape.flatMap((n, a) => (axes.includes(a) ? (keepdims ? [1] : []) : [n])));
          const expected = groups(x, axes).map(oracle);
          expect(distance(valuesOf(y), expected)).toBeLessThanOrEqual(dtype === 'float64' ? 1e-12 : 2e-6);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each(cases.filter(({ name }) => !['countNonzero', 'any', 'all', 'norm p = 0'].includes(name)))(
    'gradient of $name, twice',
    ({ f, name }) => {
      const random = randomFrom(7);
      for (const options of [{}, { axis: 1 }, { axis: [0, -1], keepdims: true }]) {
        const x = randomView([2, 3, 2], random);
        const g = (t: Tensor): Tensor => f(t, options);
        expect(gradientError(g, [x], random)).toBeLessThan(1e-7);
        if (!name.includes('∞')) expect(secondOrderError(g, [x], random)).toBeLessThan(1e-6);
      }
    },
  );
});

describe('reductions: corners', () => {
  test('E9: no elements: sum 0, prod 1, mean and variance NaN, logsumexp −∞, norm 0, any false, all true', () => {
    const x = zeros([2, 0, 3], 'float64');
    expect(valuesOf(sum(x, { axis: 1 }))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(sum(x).item()).toBe(0);
    expect(sum(x, { axis: 0 }).shape).toEqual([0, 3]);
    expect(valuesOf(prod(x, { axis: [0, 1] }))).toEqual([1, 1, 1]);
    expect(mean(x).item()).toBeNaN();
    expect(variance(x).item()).toBeNaN();
    expect(logsumexp(x).item()).toBe(-Infinity);
    expect(norm(x).item()).toBe(0);
    expect(any(x).toArray()).toBe(false);
    expect(all(x).toArray()).toBe(true);
    expect(softmax(x, 1).shape).toEqual([2, 0, 3]);
    expect(cumsum(x, 1).shape).toEqual([2, 0, 3]);
    expect(amax(x, { axis: 0 }).shape).toEqual([0, 3]);
    expect(valuesOf(pullBack((t) => sum(t), [x], zeros([], 'float64'))[0])).toEqual([]);
  });

  test('E9: the largest of no elements is refused by name', () => {
    const x = zeros([2, 0, 3]);
    expect(() => amax(x)).toThrow(
      'amax: there is no amax of no elements (axis 1, received 0, expected a size of at least 1).',
    );
    expect(() => argmin(x, { axis: 1 })).toThrow(/argmin: there is no argmin of no elements \(axis 1/);
    expect(() => max(x, 1)).toThrow(/max: there is no max of no elements/);
  });

  test('an empty list of axes reduces nothing; a scalar reduces to itself', () => {
    const x = f64([1, 2]);
    expect(sum(x, { axis: [] })).toBe(x);
    expect(sum(tensor([true, false]), { axis: [] }).dtype).toBe('int32');
    expect(prod(tensor(3)).item()).toBe(3);
    expect(amax(tensor(-3)).item()).toBe(-3);
  });

  test('what is refused says why', () => {
    const x = zeros([2, 3]);
    expect(() => sum(x, { axis: 2 })).toThrow('sum: an axis of 2 must be an integer from -2 to 1 (received 2).');
    expect(() => sum(x, { axis: [0, -2] })).toThrow(/named once/);
    expect(() => mean(x, { dim: 1 } as never)).toThrow("mean: unknown option 'dim'");
    expect(() => variance(x, { keepdim: true } as never)).toThrow("did you mean 'keepdims'?");
    expect(() => variance(x, { correction: NaN })).toThrow('variance: correction is a finite number, received NaN');
    expect(() => norm(x, { p: -1 })).toThrow('norm: p is a number of at least 0, Infinity or -Infinity, received -1');
    expect(() => sum([1, 2] as never)).toThrow('sum: expected a tensor or a number');
    expect(() => topk(x, 4)).toThrow(
      /k must be an integer from 0 to the 3 elements of the axis \(axis 1, received 4\)/,
    );
  });

  test('dtypes: integers stay integers in sum, and become float32 where the result is a fraction', () => {
    const x = tensor(new Int32Array([1, 2]));
    expect([sum(x), prod(x), amax(x), cumsum(x, 0)].map((t) => t.dtype)).toEqual(['int32', 'int32', 'int32', 'int32']);
    expect([mean(x), variance(x), logsumexp(x), norm(x), softmax(x)].map((t) => t.dtype)).toEqual(
      Array(5).fill('float32'),
    );
    expect([sum, prod].map((f) => f(tensor([true, true])).dtype)).toEqual(['int32', 'int32']);
    expect(any(x).dtype).toBe('bool');
    expect(prod(tensor(new Int32Array([65536, 65537]))).item()).toBe(65536);
  });

  test('E12: a float32 sum does not stall at 2^24', () => {
    expect(sum(tensor([2 ** 24, 1, 1, 1, 1])).item()).toBe(2 ** 24 + 4);
    expect(valuesOf(cumsum(tensor([2 ** 24, 1, 1]), 0))).toEqual([2 ** 24, 2 ** 24, 2 ** 24 + 2]);
  });

  test('NaN anywhere is the maximum, and argmax finds it', () => {
    const x = f64([
      [1, NaN, 3],
      [NaN, 9, NaN],
    ]);
    expect(amax(x).item()).toBeNaN();
    expect(valuesOf(amin(x, { axis: 1 }))).toEqual([NaN, NaN]);
    expect(valuesOf(argmax(x, { axis: 1 }))).toEqual([1, 0]);
    expect(valuesOf(argmin(x, { axis: 1 }))).toEqual([1, 0]);
    expect(valuesOf(max(x, 1).values)).toEqual([NaN, NaN]);
  });

  test('E2: ties: amax and amin share the gradient, max and min give it to the first', () => {
    const x = f64([3, 5, 5, 1]);
    const up = f64([6]);
    const one = (f: (t: Tensor) => Tensor, t = x): number[] => valuesOf(pullBack(f, [t], up)[0]);
    expect(one((t) => amax(t, { axis: 0, keepdims: true }))).toEqual([0, 3, 3, 0]);
    expect(one((t) => amin(t, { axis: 0, keepdims: true }), f64([2, 7, 2, 2]))).toEqual([2, 0, 2, 2]);
    expect(one((t) => max(t, 0, { keepdims: true }).values)).toEqual([0, 6, 0, 0]);
    expect(one((t) => min(t, 0, { keepdims: true }).values, f64([2, 7, 2, 2]))).toEqual([6, 0, 0, 0]);
    expect(valuesOf(argmax(x, { axis: 0 }))).toEqual([1]);
  });

  test('argmax without an axis counts in row-major order', () => {
    const x = viewWith([3, 2], ([i, j]) => (i === 1 && j === 1 ? 9 : i), randomFrom(3));
    expect(argmax(x).item()).toBe(3);
    expect(argmax(x, { keepdims: true }).shape).toEqual([1, 1]);
    expect(argmax(x, { axis: 0, keepdims: true }).shape).toEqual([1, 2]);
  });

  test('E4: variance with n ≤ correction is NaN where all are equal, ∞ elsewhere', () => {
    expect(variance(f64([5])).item()).toBeNaN();
    expect(variance(f64([5, 5]), { correction: 3 }).item()).toBeNaN();
    expect(variance(f64([5, 6]), { correction: 2 }).item()).toBe(Infinity);
    expect(variance(f64([5]), { correction: 0 }).item()).toBe(0);
    expect(std(f64([5])).item()).toBeNaN();
  });

  test('E4: std and norm where they have a kink: gradient 0', () => {
    const one = ones([], 'float64');
    for (const f of [
      std,
      norm,
      (t: Tensor) => norm(t, { p: 1 }),
      (t: Tensor) => norm(t, { p: 3 }),
      (t: Tensor) => norm(t, { p: 0.5 }),
    ]) {
      expect(valuesOf(pullBack((t) => f(t), [f64([0, 0, 0])], one)[0])).toEqual([0, 0, 0]);
    }
    expect(valuesOf(pullBack((t) => std(t), [f64([4, 4, 4])], one)[0])).toEqual([0, 0, 0]);
    expect(valuesOf(pullBack((t) => norm(t, { p: 0.5 }), [f64([0, 1])], one)[0])).toEqual([0, 1]);
    expect(valuesOf(pullBack((t) => norm(t, { p: Infinity }), [f64([-2, 2, 1])], one)[0])).toEqual([-0.5, 0.5, 0]);
  });

  test('N6: the variance of numbers with a large mean keeps its digits', () => {
    expect(variance(tensor([40000, 40001, 40002, 40003]), { correction: 0 }).item()).toBeCloseTo(1.25, 4);
  });

  test('norm of large float32 numbers does not overflow on the way', () => {
    expect(norm(tensor([3e30, 4e30])).item()).toBeCloseTo(5e30, -25);
    expect(distance(valuesOf(pullBack((t) => norm(t), [tensor([3e30, 4e30])], ones([]))[0]), [0.6, 0.8])).toBeLessThan(
      1e-7,
    );
  });
});

describe('softmax and logsumexp', () => {
  test.each([
    ['softmax', softmax],
    ['logSoftmax', logSoftmax],
  ] as const)('%s against its formula, along any axis', (name, f) => {
    fc.assert(
      fc.property(shapes, seeds, fc.nat(3), (shape, seed, pick) => {
        const x = randomView(shape, randomFrom(seed));
        const axis = pick % shape.length;
        const at = reader(x);
        const expected = everyIndex(shape).map((index) => {
          const row = Array.from({ length: shape[axis] }, (_, i) => Math.exp(at(index.with(axis, i))));
          const p = Math.exp(at(index)) / total(row);
          return name === 'softmax' ? p : Math.log(p);
        });
        expect(distance(valuesOf(f(x, axis - shape.length)), expected)).toBeLessThan(1e-13);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['softmax', softmax],
    ['logSoftmax', logSoftmax],
  ] as const)('gradient of %s, twice', (_, f) => {
    const random = randomFrom(5);
    for (const axis of [0, 1]) {
      const x = randomView([3, 4], random);
      expect(gradientError((t) => f(t, axis), [x], random)).toBeLessThan(1e-8);
      expect(secondOrderError((t) => f(t, axis), [x], random)).toBeLessThan(1e-7);
    }
  });

  test('E5: stable where a naive formula is not', () => {
    expect(valuesOf(softmax(tensor([-5.204, 7.8325])))[0]).toBeCloseTo(2.18e-6, 8);
    expect(valuesOf(softmax(f64([1e4, 1e4])))).toEqual([0.5, 0.5]);
    expect(valuesOf(logSoftmax(f64([0, -2000])))).toEqual([0, -2000]);
    expect(logsumexp(f64([-2000, -2000])).item()).toBeCloseTo(-2000 + Math.LN2, 12);
    expect(logsumexp(f64([1000, 1000])).item()).toBeCloseTo(1000 + Math.LN2, 12);
  });

  test('E5: rows of −∞ and with +∞', () => {
    expect(valuesOf(softmax(f64([-Infinity, -Infinity])))).toEqual([NaN, NaN]);
    expect(valuesOf(softmax(f64([-Infinity, 0])))).toEqual([0, 1]);
    expect(valuesOf(logSoftmax(f64([-Infinity, 0])))).toEqual([-Infinity, 0]);
    const one = ones([], 'float64');
    const both = (row: number[]): [number, number[]] => [
      logsumexp(f64(row)).item(),
      valuesOf(pullBack((t) => logsumexp(t), [f64(row)], one)[0]),
    ];
    expect(both([-Infinity, -Infinity])).toEqual([-Infinity, [0, 0]]);
    expect(both([Infinity, 0])).toEqual([Infinity, [1, 0]]);
    expect(both([-Infinity, 3])).toEqual([3, [0, 1]]);
    expect(both([NaN, 3])).toEqual([NaN, [NaN, NaN]]);
  });
});

describe('scans', () => {
  test.each([
    ['cumsum', cumsum, (a: number, b: number) => a + b],
    ['cumprod', cumprod, (a: number, b: number) => a * b],
  ] as const)('%s along any axis, either way', (_, f, step) => {
    fc.assert(
      fc.property(shapes, seeds, fc.nat(3), fc.boolean(), (shape, seed, pick, reverse) => {
        const axis = pick % shape.length;
        const x = randomView(shape, randomFrom(seed));
        const at = reader(x);
        const expected = everyIndex(shape).map((index) => {
          const part = Array.from({ length: shape[axis] }, (_, i) => i).filter((i) =>
            reverse ? i >= index[axis] : i <= index[axis],
          );
          return part.map((i) => at(index.with(axis, i))).reduce(step);
        });
        expect(distance(valuesOf(f(x, axis, { reverse })), expected)).toBeLessThan(1e-13);
      }),
      { numRuns: 40 },
    );
  });

  test('gradients of cumsum and cumprod, twice, either way', () => {
    const random = randomFrom(2);
    for (const reverse of [false, true]) {
      for (const f of [cumsum, cumprod]) {
        const x = randomView([2, 4, 2], random);
        expect(gradientError((t) => f(t, 1, { reverse }), [x], random)).toBeLessThan(1e-8);
        expect(secondOrderError((t) => f(t, 1, { reverse }), [x], random)).toBeLessThan(1e-7);
      }
    }
  });

  test('E3: gradients of prod and cumprod with 0, 1 and 2 zeros', () => {
    const one = ones([], 'float64');
    const ofProd = (row: number[]): number[] => valuesOf(pullBack((t) => prod(t), [f64(row)], one)[0]);
    const ofCumprod = (row: number[]): number[] => valuesOf(pullBack((t) => sum(cumprod(t, 0)), [f64(row)], one)[0]);
    expect(ofProd([2, 5, 3])).toEqual([15, 6, 10]);
    expect(ofProd([2, 0, 3, 4])).toEqual([0, 24, 0, 0]);
    expect(ofProd([2, 0, 3, 0])).toEqual([0, 0, 0, 0]);
    expect(ofCumprod([2, 0, 3, 4])).toEqual([1, 32, 0, 0]);
    expect(ofCumprod([0, 2, 3])).toEqual([9, 0, 0]);
    expect(ofCumprod([0, 2, 0])).toEqual([3, 0, 0]);
  });

  test('E3: second derivatives of prod and cumprod at zeros', () => {
    const random = randomFrom(11);
    for (const row of [
      [2, 0, 3, 4],
      [0, 2, 0, 3],
      [0, 0, 0, 1],
    ]) {
      expect(secondOrderError((t) => prod(t), [f64(row)], random)).toBeLessThan(1e-7);
      expect(secondOrderError((t) => cumprod(t, 0), [f64(row)], random)).toBeLessThan(1e-7);
    }
  });

  test('integers: cumprod wraps like 32-bit multiplication', () => {
    expect(valuesOf(cumprod(tensor(new Int32Array([65536, 65537, 3])), 0))).toEqual([65536, 65536, 196608]);
    expect(valuesOf(cumsum(tensor([true, false, true]), 0))).toEqual([1, 1, 2]);
  });
});

describe('sort', () => {
  test('sort, argsort and topk along any axis, stable', () => {
    fc.assert(
      fc.property(shapes, seeds, fc.nat(3), fc.boolean(), (shape, seed, pick, descending) => {
        const axis = pick % shape.length;
        // Few distinct values: many ties.
        const random = randomFrom(seed);
        const x = viewWith(shape, () => Math.floor(random() * 3), random);
        const at = reader(x);
        const { values, indices } = sort(x, axis, { descending });
        expect(valuesOf(argsort(x, axis, { descending }))).toEqual(valuesOf(indices));
        const [v, k] = [reader(values), reader(indices)];
        for (const index of everyIndex(shape.with(axis, 1))) {
          const row = Array.from({ length: shape[axis] }, (_, i) => [at(index.with(axis, i)), i]);
          row.sort(([a, i], [b, j]) => (descending ? b - a : a - b) || i - j);
          expect(row.map((_, place) => [v(index.with(axis, place)), k(index.with(axis, place))])).toEqual(row);
        }
        const first = topk(x, 1, axis, { largest: descending });
        expect(valuesOf(first.indices)).toEqual(valuesOf((descending ? max : min)(x, axis).indices));
      }),
      { numRuns: 60 },
    );
  });

  test('NaN counts as largest', () => {
    const x = f64([NaN, 1, NaN, -1]);
    expect(valuesOf(argsort(x))).toEqual([3, 1, 0, 2]);
    expect(valuesOf(argsort(x, 0, { descending: true }))).toEqual([0, 2, 1, 3]);
  });

  test('gradients go back to where the elements came from', () => {
    const x = f64([
      [3, 1, 2],
      [4, 6, 5],
    ]);
    expect(
      valuesOf(
        pullBack(
          (t) => sort(t).values,
          [x],
          f64([
            [10, 20, 30],
            [40, 50, 60],
          ]),
        )[0],
      ),
    ).toEqual([30, 10, 20, 40, 60, 50]);
    expect(
      valuesOf(
        pullBack(
          (t) => topk(t, 2).values,
          [x],
          f64([
            [1, 2],
            [3, 4],
          ]),
        )[0],
      ),
    ).toEqual([1, 0, 2, 0, 3, 4]);
  });
});

test('a scalar takes axis 0 and −1, as if it were one element along one axis, and stays a scalar', () => {
  const x = tensor(3, { dtype: 'float64' });
  for (const axis of [0, -1]) {
    const at = tensor(0, { dtype: 'int32' });
    const { values, indices } = max(x, axis);
    const results = [sum(x, { axis }), amax(x, { axis }), values, gather(x, axis, at), indexSelect(x, axis, [0])];
    for (const y of results) expect([y.shape, y.item()]).toEqual([[], 3]);
    expect([indices.shape, indices.item(), argmin(x, { axis }).item()]).toEqual([[], 0, 0]);
    expect([softmax(x, axis).shape, softmax(x, axis).item(), logSoftmax(x, axis).item()]).toEqual([[], 1, 0]);
    expect(scatterAdd(x, axis, at, tensor(4, { dtype: 'float64' })).item()).toBe(7);
    expect(scatter(x, axis, at, 4).item()).toBe(4);
    expect(transpose(x, axis, 0).shape).toEqual([]);
  }
  expect(() => sum(x, { axis: 1 })).toThrow(/an axis of 0 must be an integer from -1 to 0/);
  expect(() => indexSelect(x, 0, [0, 0])).toThrow(/a scalar is indexed by one index/);
});
