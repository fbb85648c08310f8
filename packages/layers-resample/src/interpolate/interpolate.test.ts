import { vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { OptionError, ShapeError } from '@lemmata/shape';
import { key, ones, reshape, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { interpolate, interpolateLayer, type InterpolateOptions } from './index.js';

const line = (...values: number[]): Tensor => tensor([[values]], { dtype: 'float64' });
const column = (...values: number[]): Tensor => tensor([[values.map((v) => [v, v, v, v])]], { dtype: 'float64' });
const along = (x: Tensor, options: InterpolateOptions): number[] =>
  (interpolate(x, options).toArray() as number[][][])[0][0].map((v) => Number(v.toFixed(6)));
const down = (x: Tensor, options: InterpolateOptions): number[] =>
  (interpolate(x, options).toArray() as number[][][][])[0][0].map(([v]) => Number(v.toFixed(6)));
const gradient = (x: Tensor, options: InterpolateOptions, upstream?: Tensor): unknown => {
  const { value, pullback } = vjp((a: Tensor) => interpolate(a, options), x);
  return pullback(upstream ?? ones(value.shape, 'float64'))[0].toArray();
};
const x = line(1, 2, 4, 8);

test("PyTorch's values: size, factor, and factor made anew from the sizes", () => {
  expect(along(x, { size: 6, mode: 'linear' })).toEqual([1, 1.5, 2.333333, 3.666667, 6, 8]);
  expect(along(x, { scaleFactor: 1.7, mode: 'linear' })).toEqual([1, 1.382353, 1.970588, 3.117647, 4.588235, 6.941176]);
  expect(along(x, { scaleFactor: 1.7, mode: 'linear', recomputeScaleFactor: true })).toEqual([
    1, 1.5, 2.333333, 3.666667, 6, 8,
  ]);
  expect(along(x, { size: 7, mode: 'linear', alignCorners: true })).toEqual([1, 1.5, 2, 3, 4, 6, 8]);
  expect(along(x, { scaleFactor: 1.7 })).toEqual([1, 1, 2, 2, 4, 4]);
  expect(along(x, { scaleFactor: 1.7, mode: 'nearest-exact' })).toEqual([1, 1, 2, 4, 4, 8]);
  expect(along(x, { size: 3, mode: 'area' })).toEqual([1.5, 3, 6]);
  expect(down(column(1, 2, 4, 8), { size: [6, 4], mode: 'bicubic' })).toEqual([
    0.913194, 1.3125, 2.304398, 3.383102, 6.1875, 8.347222,
  ]);
});

test('D3: shrinking looks at a few elements, or antialiased at all', () => {
  const spike = line(0, 0, 0, 9, 0, 0, 0, 0, 0);
  expect(along(spike, { size: 3, mode: 'linear' })).toEqual([0, 0, 0]);
  const image = column(0, 0, 0, 9, 0, 0, 0, 0, 0);
  expect(down(image, { size: [3, 4], mode: 'bilinear' })).toEqual([0, 0, 0]);
  expect(down(image, { size: [3, 4], mode: 'bilinear', antialias: true })).toEqual([1.125, 2, 0]);
  expect(down(column(1, 2, 4, 8), { size: [2, 4], mode: 'bilinear', antialias: true })).toEqual([1.857143, 5.428571]);
  expect(down(column(1, 2, 4, 8), { size: [2, 4], mode: 'bicubic', antialias: true })).toEqual([1.557851, 5.706612]);
});

test('E10: two elements become ten, and each receives half of the gradient', () => {
  for (const alignCorners of [true, false]) {
    for (const size of [{ size: 10 }, { scaleFactor: 5 }])
      expect(gradient(line(3, 7), { ...size, mode: 'linear', alignCorners })).toEqual([
        [[expect.closeTo(5, 12), expect.closeTo(5, 12)]],
      ]);
  }
  expect(gradient(line(3, 7), { scaleFactor: 5 })).toEqual([[[5, 5]]]);
});

test('E10: nearest with a factor that is no integer gives each gradient to the element that was read', () => {
  expect(gradient(x, { scaleFactor: 1.7 }, line(1, 2, 4, 8, 16, 32))).toEqual([[[3, 12, 48, 0]]]);
});

test('E10: 2 × 2 becomes 1 × 1: the mean, or with corners aligned the first element', () => {
  const square = tensor(
    [
      [
        [
          [1, 2],
          [3, 6],
        ],
      ],
    ],
    { dtype: 'float64' },
  );
  expect(interpolate(square, { size: 1, mode: 'bilinear' }).item()).toBe(3);
  expect(interpolate(square, { size: 1, mode: 'bilinear', alignCorners: true }).item()).toBe(1);
  expect(interpolate(square, { size: 1, mode: 'area' }).item()).toBe(3);
  expect(interpolate(square, { size: 1 }).item()).toBe(1);
});

test('E10: positions are whole where they should be: n / n is not below 1', () => {
  // 49 · (1 / 49) is 0.999… in floating point.
  expect(along(line(1, 2), { size: 98 }).filter((v) => v === 2)).toHaveLength(49);
});

// Figures by PyTorch 2.13.
test('an axis whose size stays is copied, but by bicubic interpolation and the nearest modes with a factor', () => {
  const three = column(1, 2, 4).toArray() as number[][][][];
  for (const mode of ['nearest', 'bilinear'] as const)
    expect(interpolate(column(1, 2, 4), { scaleFactor: [1.25, 1], mode }).toArray()).toEqual(three);
  for (const mode of ['nearest', 'nearest-exact', 'bicubic'] as const)
    expect(interpolate(column(1, 2, 4), { size: [3, 4], mode }).toArray()).toEqual(three);
  expect(down(column(1, 2, 4), { scaleFactor: [1.25, 1], mode: 'bicubic' })).toEqual([0.93925, 1.5005, 3.09375]);
  expect(down(column(1, 2, 4), { scaleFactor: [1.3, 1], mode: 'nearest-exact' })).toEqual([1, 2, 2]);
  expect(along(line(1, 2, 4), { scaleFactor: 1.3 })).toEqual([1, 1, 2]);
  expect(along(line(1, 2, 4), { scaleFactor: 1.3, recomputeScaleFactor: true })).toEqual([1, 2, 4]);
  const cube = reshape(line(1, 2, 4), [1, 1, 3, 1, 1]);
  expect(Array.from(interpolate(cube, { scaleFactor: [1.3, 1, 1] }).dataSync())).toEqual([1, 1, 2]);
});

test('nearest of two axes takes each element twice where the size doubles, and of one reads by the factor', () => {
  const eight = [0, 1, 2, 3, 4, 5, 6, 7];
  expect(down(column(...eight), { scaleFactor: [2.12, 1] })).toEqual(eight.flatMap((v) => [v, v]));
  expect(along(line(...eight), { scaleFactor: 2.12 })).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7]);
});

test('three axes, integers, an empty batch', () => {
  const cube = tensor([[[[[1, 2]]]]], { dtype: 'int32' });
  expect(interpolate(cube, { scaleFactor: [1, 2, 2] }).toArray()).toEqual([
    [
      [
        [
          [1, 1, 2, 2],
          [1, 1, 2, 2],
        ],
      ],
    ],
  ]);
  expect(interpolate(ones([1, 1, 2, 2, 2]), { size: 3, mode: 'trilinear' }).toArray()).toEqual(
    ones([1, 1, 3, 3, 3]).toArray(),
  );
  expect(interpolate(zeros([0, 2, 3, 3]), { size: 6, mode: 'bilinear' }).shape).toEqual([0, 2, 6, 6]);
});

test('an element that is not read does no harm', () => {
  expect(along(line(1, NaN, 3), { size: 2, mode: 'linear', alignCorners: true })).toEqual([1, 3]);
  expect(along(line(1, Infinity, 3), { size: 3, mode: 'linear' })).toEqual([1, Infinity, 3]);
});

test('the layer', () => {
  const layer = interpolateLayer({ scaleFactor: 2, mode: 'bilinear' });
  expect(layer.init(key(1), [3, 4, 5]).outputShape).toEqual([3, 8, 10]);
  expect(infer(layer, {}, {}, zeros([2, 3, 4, 5])).shape).toEqual([2, 3, 8, 10]);
  expect(layer.window!([3, 4, 5])).toBe(null);
});

test('refusals', () => {
  const call = (options: object) => () => interpolate(ones([1, 1, 3, 3]), options as InterpolateOptions);
  expect(call({})).toThrow('interpolate: give either size or scaleFactor, received neither');
  expect(call({ size: 2, scaleFactor: 2 })).toThrow('received both');
  expect(call({ scaleFactor: 0.1 })).toThrow(
    'interpolate: 2 problems\n  1. input and output sizes must be at least 1 (axis 2, received [3, 0]). Give a larger scaleFactor.',
  );
  expect(call({ size: [2, 2, 2] })).toThrow(
    'size must have an entry for each of the 2 spatial axes (received [2, 2, 2])',
  );
  expect(call({ size: 2, mode: 'linear' })).toThrow("Use 'linear', 'bilinear' or 'trilinear' for one, two or three");
  expect(call({ size: 2, mode: 'cubic' })).toThrow(
    "mode must be one of nearest, nearest-exact, linear, bilinear, trilinear, bicubic, area, received 'cubic'",
  );
  expect(call({ size: 2, alignCorners: false })).toThrow(
    "alignCorners is for modes that interpolate, and 'nearest' does not",
  );
  expect(call({ size: 2, mode: 'area', antialias: true })).toThrow(
    "antialias is for 'bilinear' and 'bicubic', not 'area'",
  );
  expect(call({ size: 2, recomputeScaleFactor: true })).toThrow('recomputeScaleFactor belongs to scaleFactor');
  expect(call({ size: 1.5, antialias: 1 })).toThrow('2 problems');
  expect(call({ scaleFactor: -2 })).toThrow(
    'scaleFactor must be a positive number, or one for each of up to three axes, received -2',
  );
  expect(call({ scale: 2 })).toThrow(OptionError);
  expect(() => interpolate(ones([3, 3]), { size: 2 })).toThrow(ShapeError);
  expect(() => interpolate(ones([1, 1, 3], 'int32'), { size: 2, mode: 'area' })).toThrow(
    'a method that averages needs float32',
  );
  expect(() => interpolateLayer({ size: 2, mode: 'area', alignCorners: true })).toThrow(
    'interpolateLayer: alignCorners',
  );
});
