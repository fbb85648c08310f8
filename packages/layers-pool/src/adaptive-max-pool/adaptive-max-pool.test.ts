import { vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { arange, key, ones, reshape, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import {
  adaptiveMaxPool1d,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2dLayer,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3d,
} from './index.js';

const line = (...values: number[]): Tensor => tensor([[values]]);

test('P11: overlapping windows, and more outputs than inputs', () => {
  expect(adaptiveMaxPool1d(line(4, 1, 0, 3, 2), { outputSize: 3 }).toArray()).toEqual([[[4, 3, 3]]]);
  expect(adaptiveMaxPool1d(line(1, 3, 2), { outputSize: 7 }).toArray()).toEqual([[[1, 1, 3, 3, 3, 2, 2]]]);
});

test('indices are flat in the plane', () => {
  const { values, indices } = adaptiveMaxPool2dWithIndices(reshape(arange(24), [1, 2, 3, 4]), { outputSize: [1, 2] });
  expect(values.toArray()).toEqual([[[[9, 11]], [[21, 23]]]]);
  expect(indices.toArray()).toEqual([[[[9, 11]], [[9, 11]]]]);
  expect([indices.dtype, indices.shape]).toEqual(['int32', [1, 2, 1, 2]]);
});

test('P5, P6, P8: NaN with the index of the last, −∞ with that of the first, ties to the first', () => {
  const pool = (...values: number[]): unknown => {
    const pooled = adaptiveMaxPool1dWithIndices(line(...values), { outputSize: 1 });
    return [pooled.values.item(), pooled.indices.item()];
  };
  expect(pool(NaN, 1, NaN, 2)).toEqual([NaN, 2]);
  expect(pool(-Infinity, -Infinity)).toEqual([-Infinity, 0]);
  expect(pool(1, 5, 5)).toEqual([5, 1]);
});

test('the gradient adds up where windows share their maximum', () => {
  const { pullback } = vjp((x: Tensor) => adaptiveMaxPool1d(x, { outputSize: 3 }), line(4, 1, 0, 3, 2));
  expect(pullback(line(1, 10, 100))[0].toArray()).toEqual([[[1, 0, 0, 110, 0]]]);
});

test('ranks, no batch axis, integers, batch 0', () => {
  expect(adaptiveMaxPool3d(ones([2, 3, 4, 5, 6]), { outputSize: [2, null, 3] }).shape).toEqual([2, 3, 2, 5, 3]);
  expect(adaptiveMaxPool1d(ones([3, 4]), { outputSize: 2 }).shape).toEqual([3, 2]);
  expect(adaptiveMaxPool1d(tensor([[[1, 3, -2]]], { dtype: 'int32' }), { outputSize: 1 }).toArray()).toEqual([[[3]]]);
  expect(adaptiveMaxPool1d(ones([0, 3, 4]), { outputSize: 2 }).shape).toEqual([0, 3, 2]);
});

test('the layer', () => {
  const layer = adaptiveMaxPool2dLayer({ outputSize: 2 });
  expect(layer.init(key(1), [6, 7, 5])).toEqual({ params: {}, state: {}, outputShape: [6, 2, 2] });
  expect(infer(layer, {}, {}, ones([2, 6, 7, 5])).shape).toEqual([2, 6, 2, 2]);
});

test('refusals', () => {
  expect(() => adaptiveMaxPool1d(ones([1, 1, 4]), { outputSize: [-1] })).toThrow(
    'adaptiveMaxPool1d: outputSize must be a number of at least 1, or such a number or null for each of the 1 spatial axes, received [-1]',
  );
  expect(() => adaptiveMaxPool1d(ones([4]), { outputSize: 2 })).toThrow('adaptiveMaxPool1d: input must have 3 axes');
  expect(() => adaptiveMaxPool1d(ones([1, 0, 4]), { outputSize: 2 })).toThrow('x must have at least one channel');
});
