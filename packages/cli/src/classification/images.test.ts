import { expect, test } from 'vitest';
import { bordered } from './border.js';
import { judge, pixelsOf, softmaxOf } from './images.js';

test('a border of black is added on all sides of each plane', () => {
  const images = { data: Uint8Array.of(1, 2, 3, 4), shape: [2, 1, 1, 2] };
  expect(bordered(images, 0)).toEqual(images);
  expect(bordered(images, 1)).toEqual({
    data: Uint8Array.from([0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0]),
    shape: [2, 1, 3, 4],
  });
  const colours = { data: Uint8Array.of(5, 6, 7), shape: [1, 3, 1, 1] };
  const { data, shape } = bordered(colours, 2);
  expect(shape).toEqual([1, 3, 5, 5]);
  expect([...data.keys()].filter((i) => data[i]! > 0)).toEqual([12, 37, 62]);
});

test('probabilities of logits of any size', () => {
  expect(softmaxOf([0, Math.log(3)])).toEqual([expect.closeTo(0.25, 12), expect.closeTo(0.75, 12)]);
  expect(softmaxOf([1000, 1000, -1000])).toEqual([0.5, 0.5, 0]);
});

test('what is made of a batch of logits', () => {
  const [a, b] = judge([0, Math.log(3), Math.log(3), 0], [0, 0], 2);
  expect(a).toEqual({
    actual: 0,
    predicted: 1,
    probability: expect.closeTo(0.75, 12),
    ofActual: expect.closeTo(0.25, 12),
  });
  expect(b).toEqual({
    actual: 0,
    predicted: 0,
    probability: expect.closeTo(0.75, 12),
    ofActual: expect.closeTo(0.75, 12),
  });
});

test('the pixels of one image', () => {
  const column = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 1, 1, 2] };
  expect([0, 1, 2].map((i) => [...pixelsOf(column, i)])).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
});
