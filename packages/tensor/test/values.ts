import { EAGER_REFERENCE } from '../src/reference/backend.js';
import { createArray, type DType } from '../src/spec.js';
import { Tensor } from '../src/tensor.js';

export type Random = () => number;

/** Reproducible numbers in [0, 1): a linear congruential generator modulo 2^32 (Knuth), its high bits. */
export function randomFrom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 4) / 2 ** 28;
  };
}

export function integer(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

export function shuffled(random: Random, count: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < count; i++) out.splice(integer(random, 0, out.length), 0, i);
  return out;
}

/** Every index of a shape, in row-major order. */
export function everyIndex(shape: readonly number[]): number[][] {
  let out: number[][] = [[]];
  for (const n of shape) out = out.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i]));
  return out;
}

/** A tensor of `shape` whose elements lie in its storage in any order: axes permuted, reversed, with gaps and an offset. */
export function viewWith(
  shape: readonly number[],
  values: (index: number[]) => number,
  random: Random,
  dtype: DType = 'float64',
): Tensor {
  const strides = new Array<number>(shape.length).fill(0);
  let step = 1;
  let offset = integer(random, 0, 3);
  for (const axis of shuffled(random, shape.length)) {
    step *= integer(random, 1, 2);
    const backwards = random() < 0.3;
    strides[axis] = backwards ? -step : step;
    if (backwards) offset += step * Math.max(0, shape[axis] - 1);
    step *= Math.max(1, shape[axis]);
  }
  const data = createArray(dtype, offset + step + 3).fill(77);
  for (const index of everyIndex(shape))
    data[index.reduce((p, i, axis) => p + i * strides[axis], offset)] = values(index);
  const storage = { data, length: data.length, dtype, madeBy: 'test' };
  return new Tensor({ shape: [...shape], dtype }, EAGER_REFERENCE, {
    storage,
    layout: { shape: [...shape], strides, offset },
  });
}

export function randomView(shape: readonly number[], random: Random, dtype: DType = 'float64'): Tensor {
  const draw =
    dtype === 'bool'
      ? () => integer(random, 0, 1)
      : dtype === 'int32'
        ? () => integer(random, -9, 9)
        : () => random() * 4 - 2;
  return viewWith(shape, draw, random, dtype);
}

/** Small integers, so that sums and products in any order are exact. */
export function integerView(shape: readonly number[], random: Random, dtype: DType = 'float64'): Tensor {
  return viewWith(shape, () => integer(random, -4, 4), random, dtype);
}

/** Elements by index. */
export function reader(x: Tensor): (index: readonly number[]) => number {
  const data = x.dataSync();
  return (index) => data[index.reduce((p, i, axis) => p * x.shape[axis] + i, 0)];
}

export function valuesOf(x: Tensor): number[] {
  return Array.from(x.dataSync());
}

/** The largest distance between two lists, relative to 1 + the size of the second; NaN and ±∞ must be met exactly. */
export function distance(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return NaN;
  let worst = 0;
  actual.forEach((a, i) => {
    const b = expected[i];
    if (Object.is(a, b) || a === b) return;
    const error = Math.abs(a - b) / (1 + Math.abs(b));
    worst = Number.isFinite(error) ? Math.max(worst, error) : Infinity;
  });
  return worst;
}
