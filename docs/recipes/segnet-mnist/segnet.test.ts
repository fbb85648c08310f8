import { expect, test } from 'vitest';
import { byVote, inked, SIDE } from './ink.js';

const size = SIDE * SIDE;

test('ink belongs to its digit, all else to nothing', () => {
  const data = new Uint8Array(2 * size);
  [data[0], data[1], data[size + 3]] = [255, 127, 128];
  const columns = { image: { data, shape: [2, 1, SIDE, SIDE] }, label: { data: Int32Array.of(7, 0), shape: [2] } };
  const { image, mask } = inked(columns, { epoch: 0, step: 0, indices: Int32Array.of(0, 1) });
  expect(image.shape).toEqual([2, 1, SIDE, SIDE]);
  expect(mask.shape).toEqual([2, SIDE, SIDE]);
  expect([image.data[0], mask.data[0], mask.data[1], mask.data[size + 3], mask.data[size]]).toEqual([1, 8, 0, 1, 0]);
  expect(mask.data.filter((c) => c > 0)).toHaveLength(2);
});

test('a digit is what most of its pixels are said to be, whatever the background; without any it is none', () => {
  const said = new Int32Array(3 * size);
  said.fill(4, 0, 5);
  said.fill(10, 5, 11);
  said.fill(3, size, size + 2);
  said.fill(2, size + 2, size + 4);
  expect(byVote(said)).toEqual([9, 1, -1]);
});
