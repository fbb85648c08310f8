import { key as keyOf } from '@lemmata/random';
import { expect, test } from 'vitest';
import { binarised } from './binarised.js';

test('D2: a pixel is 1 as often as it is bright, drawn by key, epoch and index alone', () => {
  const image = { data: new Uint8Array(2 * 784).fill(64), shape: [2, 1, 28, 28] };
  const draw = binarised(keyOf(5));
  const at = (epoch: number, indices: number[]) =>
    draw({ image }, { epoch, step: 0, indices: Int32Array.from(indices) }).x.data;
  const both = at(0, [7, 9]);
  expect(both.reduce((a, b) => a + b, 0) / both.length).toBeCloseTo(64 / 255, 1);
  expect(at(0, [9, 7]).subarray(0, 784)).toEqual(both.subarray(784));
  expect(at(1, [7, 9])).not.toEqual(both);
  expect([...new Set(both)].sort()).toEqual([0, 1]);
});
