import { ValueError } from '@lemmata/shape';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { only, pullBack, secondOrderError } from '../../test/gradient.js';
import { everyIndex, integer, randomFrom, randomView, reader, valuesOf, viewWith } from '../../test/values.js';
import { tensor, zeros } from '../create.js';
import type { DType } from '../spec.js';
import type { Tensor } from '../tensor.js';
import { gather, IndexAdd, indexSelect, oneHot, scatter, scatterAdd, takeAlongAxis } from './index.js';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const dtypes = fc.constantFrom<DType>('float64', 'float32', 'int32', 'bool');
const rowMajor = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((p, i, axis) => p * shape[axis] + i, 0);
const float = (x: Tensor): Tensor => tensor(Float64Array.from(valuesOf(x)), { shape: x.shape });

describe('gather and scatterAdd', () => {
  test('against their definitions, the gradient included, with repeated indices', () => {
    fc.assert(
      fc.property(shapes, fc.integer(), dtypes, (shape, seed, dtype) => {
        const random = randomFrom(seed);
        const axis = integer(random, 0, shape.length - 1);
        const x = randomView(shape, random, dtype);
        const indexShape = shape.map((n, a) => (a === axis ? integer(random, 0, 5) : integer(random, 0, n)));
        const index = viewWith(indexShape, () => integer(random, 0, shape[axis] - 1), random, 'int32');
        const [at, i] = [reader(x), reader(index)];
        const source = (k: number[]): number[] => k.with(axis, i(k));
        const y = gather(x, axis - shape.length, index);
        expect([y.shape, y.dtype]).toEqual([indexShape, dtype]);
        expect(valuesOf(y)).toEqual(everyIndex(indexShape).map((k) => at(source(k))));
        expect(valuesOf(takeAlongAxis(x, index, axis))).toEqual(valuesOf(y));

        const longer = randomView(
          indexShape.map((n) => n + 1),
          random,
          'int32',
        );
        const base = randomView(shape, random, 'int32');
        const expected = valuesOf(base);
        for (const k of everyIndex(indexShape)) expected[rowMajor(source(k), shape)] += reader(longer)(k);
        expect(valuesOf(scatterAdd(base, axis, index, longer))).toEqual(expected);

        const upstream = float(randomView(indexShape, random, 'int32'));
        const gradient = Array<number>(x.size).fill(0);
        for (const k of everyIndex(indexShape)) gradient[rowMajor(source(k), shape)] += reader(upstream)(k);
        expect(valuesOf(pullBack((t) => gather(t, axis, index), [float(x)], upstream)[0])).toEqual(gradient);

        const [dBase, dSource] = pullBack(
          (b, s) => scatterAdd(b, axis, index, s),
          [float(base), float(longer)],
          float(base),
        );
        expect(valuesOf(dBase)).toEqual(valuesOf(base));
        const used = everyIndex(longer.shape).map((k) =>
          k.every((n, a) => n < indexShape[a]) ? reader(base)(source(k)) : 0,
        );
        expect(valuesOf(dSource)).toEqual(used);
      }),
      { numRuns: 60 },
    );
  });

  test('scatter: the last written stays, and has the gradient', () => {
    fc.assert(
      fc.property(shapes, fc.integer(), dtypes, (shape, seed, dtype) => {
        const random = randomFrom(seed);
        const axis = integer(random, 0, shape.length - 1);
        const indexShape = shape.map((n, a) => (a === axis ? integer(random, 0, 5) : integer(random, 0, n)));
        const index = viewWith(indexShape, () => integer(random, 0, shape[axis] - 1), random, 'int32');
        const x = randomView(shape, random, dtype);
        const source = randomView(
          indexShape.map((n) => n + 1),
          random,
          dtype,
        );
        const expected = valuesOf(x);
        const writers = new Map<number, number>();
        for (const k of everyIndex(indexShape)) {
          const to = rowMajor(k.with(axis, reader(index)(k)), shape);
          expected[to] = reader(source)(k);
          writers.set(to, rowMajor(k, source.shape));
        }
        const y = scatter(x, axis, index, source);
        expect([y.dtype, valuesOf(y)]).toEqual([dtype, expected]);
        expect(valuesOf(scatter(x, axis, index, 1))).toEqual(valuesOf(x).map((v, i) => (writers.has(i) ? 1 : v)));

        const upstream = valuesOf(randomView(shape, random, 'int32'));
        const [dx, ds] = pullBack(
          (a, b) => scatter(a, axis, index, b),
          [float(x), float(source)],
          tensor(Float64Array.from(upstream), { shape }),
        );
        const toSource = Array<number>(source.size).fill(0);
        for (const [to, from] of writers) toSource[from] = upstream[to];
        expect([valuesOf(dx), valuesOf(ds)]).toEqual([upstream.map((u, i) => (writers.has(i) ? 0 : u)), toSource]);
      }),
      { numRuns: 40 },
    );
  });

  test('A4: repeated indices accumulate', () => {
    const x = tensor([0.1], { dtype: 'float64' });
    const up = tensor([0.2, 0.3], { dtype: 'float64' });
    expect(valuesOf(pullBack((t) => gather(t, 0, [0, 0]), [x], up)[0])).toEqual([0.5]);
    expect(valuesOf(pullBack((t) => indexSelect(t, 0, [0, 0]), [x], up)[0])).toEqual([0.5]);
    expect(valuesOf(scatterAdd(x, 0, [0, 0], up))).toEqual([0.1 + 0.5]);
  });

  test('second derivatives', () => {
    const random = randomFrom(9);
    const x = randomView([3, 2], random);
    expect(
      secondOrderError(
        (t) =>
          gather(t, 0, [
            [0, 1],
            [0, 0],
          ]),
        [x],
        random,
      ),
    ).toBeLessThan(1e-8);
    expect(
      secondOrderError(
        (t) =>
          scatterAdd(
            t,
            1,
            [
              [0, 0],
              [1, 1],
              [1, 0],
            ],
            t,
          ),
        [x],
        random,
      ),
    ).toBeLessThan(1e-8);
  });
});

describe('indexSelect', () => {
  test('against its definition, the gradient included, for indices of any rank', () => {
    fc.assert(
      fc.property(shapes, fc.integer(), dtypes, (shape, seed, dtype) => {
        const random = randomFrom(seed);
        const axis = integer(random, 0, shape.length - 1);
        const x = randomView(shape, random, dtype);
        const indexShape = Array.from({ length: integer(random, 0, 2) }, () => integer(random, 0, 3));
        const indices = viewWith(indexShape, () => integer(random, 0, shape[axis] - 1), random, 'int32');
        const y = indexSelect(x, axis - shape.length, indices);
        const from = (k: number[]): number[] => [
          ...k.slice(0, axis),
          reader(indices)(k.slice(axis, axis + indexShape.length)),
          ...k.slice(axis + indexShape.length),
        ];
        expect(y.shape).toEqual([...shape.slice(0, axis), ...indexShape, ...shape.slice(axis + 1)]);
        expect(valuesOf(y)).toEqual(everyIndex(y.shape).map((k) => reader(x)(from(k))));

        const upstream = float(randomView(y.shape, random, 'int32'));
        const gradient = Array<number>(x.size).fill(0);
        for (const k of everyIndex(y.shape)) gradient[rowMajor(from(k), shape)] += reader(upstream)(k);
        expect(valuesOf(pullBack((t) => indexSelect(t, axis, indices), [float(x)], upstream)[0])).toEqual(gradient);
        const back = pullBack((t) => only(IndexAdd, { axis, size: shape[axis] })(t, indices), [upstream], float(x))[0];
        expect(valuesOf(back)).toEqual(everyIndex(y.shape).map((k) => reader(float(x))(from(k))));
      }),
      { numRuns: 60 },
    );
  });
});

test('oneHot', () => {
  expect(
    oneHot(
      [
        [0, 2],
        [1, 1],
      ],
      3,
    ).toArray(),
  ).toEqual([
    [
      [1, 0, 0],
      [0, 0, 1],
    ],
    [
      [0, 1, 0],
      [0, 1, 0],
    ],
  ]);
  expect(oneHot([2, 0]).toArray()).toEqual([
    [0, 0, 1],
    [1, 0, 0],
  ]);
  expect(() => oneHot([-1, 1])).toThrow('oneHot: index -1 is out of range');
  expect(() => oneHot(tensor(new Int32Array(0)))).toThrow('oneHot: without indices the size must be given');
  expect([oneHot([0], 2).dtype, oneHot([0], 2, 'bool').dtype]).toEqual(['float32', 'bool']);
  expect(oneHot(tensor(new Int32Array(0)), 3).shape).toEqual([0, 3]);
});

describe('indices that are refused', () => {
  const x = zeros([2, 3]);
  test.each<[string, () => unknown, string | RegExp]>([
    [
      'A4: gather',
      () => gather(x, 1, [[3], [0]]),
      'gather: index 3 is out of range for axis 1 of size 3; indices count from 0 to 2',
    ],
    ['negative', () => gather(x, 1, [[0], [-1]]), 'gather: index -1 is out of range for axis 1 of size 3'],
    [
      'scatterAdd',
      () => scatterAdd(x, 0, [[2]], zeros([1, 1])),
      'scatterAdd: index 2 is out of range for axis 0 of size 2',
    ],
    ['scatter', () => scatter(x, 0, [[2]], 1), 'scatter: index 2 is out of range for axis 0 of size 2'],
    ['indexSelect', () => indexSelect(x, 0, [0, 2]), 'indexSelect: index 2 is out of range for axis 0 of size 2'],
    ['oneHot', () => oneHot([1, 5], 5), 'oneHot: index 5 is out of range for axis 1 of size 5'],
    [
      'floats',
      () => gather(x, 0, zeros([1, 3])),
      "gather: indices are int32, received float32; cast them with cast(indices, 'int32')",
    ],
    ['fractions', () => indexSelect(x, 0, [0.5]), 'indexSelect: indices are integers, received 0.5'],
    ['rank', () => gather(x, 0, [0]), 'gather: the index has 1 axes, but the tensor 2. Use indexSelect'],
    [
      'longer than the tensor',
      () => gather(x, 0, [[0, 0, 0, 0]]),
      'gather: the index is longer than the tensor along another axis than the one indexed (axis 1, received 4, expected at most 3).',
    ],
    [
      'longer than the source',
      () => scatterAdd(x, 0, [[0, 0]], zeros([1, 1])),
      'scatterAdd: the index is longer than the source (axis 1, received 2, expected at most 1).',
    ],
  ])('%s', (_, f, message) => {
    expect(f).toThrow(message);
  });

  test('A4: by an error of the library, which is a RangeError too', () => {
    expect(() => gather(x, 1, [[3], [0]])).toThrow(ValueError);
    expect(() => gather(x, 1, [[3], [0]])).toThrow(RangeError);
  });

  test('a source of other axes is refused before any index is read', () => {
    expect(() => scatter(x, 0, [[9]], zeros([1, 1, 1]))).toThrow('scatter: the source has 3 axes, but the index 2');
  });
});
