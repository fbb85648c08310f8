import { vjp } from '@lemmata/autograd';
import { tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { normalize } from './index.js';

const values = (t: Tensor): number[] => [...t.dataSync()];

test('vectors lie along axis 1', () => {
  const y = values(
    normalize(
      tensor(
        [
          [3, 4],
          [0, -2],
        ],
        { dtype: 'float64' },
      ),
    ),
  );
  [0.6, 0.8, 0, -1].forEach((v, i) => expect(y[i]).toBeCloseTo(v, 15));
});

test('p and axes', () => {
  const x = tensor(
    [
      [1, -3],
      [2, 2],
    ],
    { dtype: 'float64' },
  );
  expect(values(normalize(x, { p: 1 }))).toEqual([0.25, -0.75, 0.5, 0.5]);
  expect(values(normalize(x, { p: Infinity, axis: 0 }))).toEqual([0.5, -1, 1, 2 / 3]);
  expect(values(normalize(x, { p: 1, axis: [0, 1] }))).toEqual([0.125, -0.375, 0.25, 0.25]);
});

test('E4: a vector of zeros stays, with the gradient u / eps', () => {
  const { value, pullback } = vjp((x: Tensor) => normalize(x, { eps: 0.5 }), zeros([1, 2], 'float64'));
  expect(values(value)).toEqual([0, 0]);
  expect(values(pullback(tensor([[1, -1]], { dtype: 'float64' }))[0])).toEqual([2, -2]);
});

test('a scalar is a vector of one element', () => {
  expect(normalize(tensor(-4), { axis: 0 }).item()).toBe(-1);
  expect(normalize(tensor(-4), { axis: 0 }).shape).toEqual([]);
});

test('no elements are no vectors', () => {
  for (const p of [0, 2, Infinity]) expect(normalize(zeros([3, 0]), { p }).shape).toEqual([3, 0]);
});

test('what it refuses', () => {
  expect(() => normalize(zeros([2, 2]), { eps: 0 })).toThrow(
    'normalize: eps must be a finite number above 0, received 0',
  );
  expect(() => normalize(zeros([2, 2]), { dim: 0 } as never)).toThrow("unknown option 'dim'");
  expect(() => normalize(zeros([2, 2]), { p: -Infinity })).toThrow(
    'normalize: p must be a number of at least 0, received -Infinity',
  );
  expect(() => normalize(zeros([0]))).toThrow('normalize: an axis of 1 must be an integer from -1 to 0 (received 1).');
});
