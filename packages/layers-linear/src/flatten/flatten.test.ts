import { infer } from '@lemmata/nn';
import { key, ones, tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { flattenLayer } from '../index.js';

test('a 2×2 image is stretched into a column, row by row', () => {
  const images = tensor([
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  ]);
  expect(infer(flattenLayer(), {}, {}, images).toArray()).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ]);
  expect(infer(flattenLayer(), {}, {}, ones([0, 3, 4])).shape).toEqual([0, 12]);
});

test('options are checked', () => {
  expect(() => flattenLayer({ axis: 1 } as any)).toThrow(
    "flattenLayer: unknown option 'axis' (it takes startAxis, endAxis)",
  );
  for (const startAxis of [0, -3])
    expect(() => flattenLayer({ startAxis }).init(key(0), [2, 3])).toThrow(
      `flatten: startAxis must not be the batch, axis 0; received ${startAxis}`,
    );
  expect(flattenLayer().kind).toBe('flatten');
  expect(() => flattenLayer({ startAxis: 5 }).init(key(0), [2, 3])).toThrow('flatten: an axis of 3 must be');
  expect(() => flattenLayer({ endAxis: 0.5 })).toThrow('flattenLayer: endAxis must be an integer, received 0.5');
});
