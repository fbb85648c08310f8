import { contiguousStrides, sizeOf, type Shape } from '@lemmata/shape';
import type { NdArray } from '../sample.js';

/** For naive oracles: every index of a shape, in row-major order. */
export function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}

export function at({ shape, data }: NdArray, index: readonly number[]): number {
  return data[contiguousStrides(shape).reduce((sum, stride, axis) => sum + stride * index[axis], 0)];
}

/** The array whose element at each index is f(index). */
export function build(shape: Shape, f: (index: number[]) => number): NdArray {
  return { shape, data: indices(shape).map(f) };
}

/** Zeros of a shape to which values are added. */
export function accumulate(
  shape: Shape,
  entries: Iterable<readonly [index: readonly number[], value: number]>,
): NdArray {
  const data = new Array<number>(sizeOf(shape)).fill(0);
  const strides = contiguousStrides(shape);
  for (const [index, value] of entries)
    data[strides.reduce((sum, stride, axis) => sum + stride * index[axis], 0)] += value;
  return { shape, data };
}

/** Each row along `axes` reduced by f; the axes stay with size 1. */
export function reduce(x: NdArray, axes: readonly number[], f: (row: number[]) => number): NdArray {
  const shape = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  return build(shape, (out) =>
    f(
      indices(x.shape)
        .filter((index) => index.every((i, axis) => axes.includes(axis) || i === out[axis]))
        .map((index) => at(x, index)),
    ),
  );
}

/** Each lane along one axis replaced by f of it. */
export function alongAxis(x: NdArray, axis: number, f: (lane: number[]) => number[]): NdArray {
  return build(
    x.shape,
    (index) => f(Array.from({ length: x.shape[axis] }, (_, i) => at(x, index.with(axis, i))))[index[axis]],
  );
}
