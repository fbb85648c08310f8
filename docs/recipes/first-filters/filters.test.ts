import { arrayDataset, loader } from '@lemmata/data';
import { key } from '@lemmata/random';
import { key as keyTensor, randomNormal } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { alongside, neighbourCorrelation, strongest, window } from './filters.js';

const numbers = (name: string, n: number) =>
  arrayDataset({ [name]: { data: Int32Array.from({ length: n }, (_, i) => i), shape: [n] } });

test('batches side by side: every epoch of the one, the other from beginning to end again and again, also when resumed', () => {
  const main = loader(numbers('a', 6), { batchSize: 2, shuffle: key(1) });
  const other = loader(numbers('b', 4), { batchSize: 2, shuffle: key(2) });
  const both = alongside(main, other);
  expect(both.steps).toBe(3);
  const epoch = (e: number, from = 0) => [...(both.epoch(e, { from }) as Iterable<any>)];
  const all = [...epoch(0), ...epoch(1)];
  expect(
    all
      .slice(0, 3)
      .flatMap(({ a }) => [...a.data])
      .toSorted(),
  ).toEqual([0, 1, 2, 3, 4, 5]);
  for (let e = 0; e < 3; e++) {
    const beside = all.slice(2 * e, 2 * e + 2).flatMap(({ b }) => [...b.data]);
    expect(beside).toEqual([...other.order(e)]);
  }
  expect(epoch(1, 2)).toEqual(all.slice(5));
});

test('neighbouring weights: noise is uncorrelated, a ramp nearly 1, a chessboard the opposite', () => {
  const noise = neighbourCorrelation(randomNormal(keyTensor(3), [400, 1, 7, 7]).dataSync(), 7);
  // A little below 0: about the mean of 49 numbers each is a little against the others.
  expect(Math.abs(noise)).toBeLessThan(0.04);
  const plane = (f: (x: number, y: number) => number) =>
    Array.from({ length: 49 }, (_, i) => f(i % 7, Math.floor(i / 7)));
  expect(
    neighbourCorrelation(
      plane((x, y) => x + y),
      7,
    ),
  ).toBeGreaterThan(0.7);
  expect(
    neighbourCorrelation(
      plane((x, y) => (x + y) % 2),
      7,
    ),
  ).toBeCloseTo(-1, 1);
});

test('the strongest answer of each channel, and the window about it', () => {
  // Two images, two channels of 2×2.
  const maps = [0, 9, 0, 0, 1, 1, 1, 1, 0, 0, 0, 3, 1, 1, 7, 1];
  expect(strongest(maps, [2, 2, 2, 2])).toEqual([
    { image: 0, at: 1 },
    { image: 1, at: 2 },
  ]);
  const image = { data: Float32Array.from({ length: 9 }, (_, i) => i + 1), shape: [1, 1, 3, 3] };
  expect(window(image, 0, 4, 3)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(window(image, 0, 0, 3)).toEqual([0, 0, 0, 0, 1, 2, 0, 4, 5]);
});
