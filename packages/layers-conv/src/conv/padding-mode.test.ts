import { vjp } from '@lemmata/autograd';
import { ones, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { conv1d, conv2d, conv2dLayer, type PaddingFill } from './index.js';

const line = (...values: number[]): Tensor => tensor([[values]]);

test('C13: what a window sees beyond the ends', () => {
  const sums = (paddingMode: PaddingFill, padding: [number, number]): unknown =>
    conv1d(line(1, 2, 4, 8), line(1, 10, 100), null, { padding: [padding], paddingMode }).toArray();
  expect(sums('zeros', [1, 1])).toEqual([[[210, 421, 842, 84]]]);
  expect(sums('reflect', [1, 1])).toEqual([[[212, 421, 842, 484]]]);
  expect(sums('replicate', [1, 1])).toEqual([[[211, 421, 842, 884]]]);
  expect(sums('circular', [1, 1])).toEqual([[[218, 421, 842, 184]]]);
  // One side only.
  expect(sums('circular', [2, 0])).toEqual([[[184, 218, 421, 842]]]);
  expect(sums('circular', [0, 2])).toEqual([[[421, 842, 184, 218]]]);
});

test('C13: the gradient adds up at the cells that are copied', () => {
  const gradient = (paddingMode: PaddingFill): unknown => {
    const f = (x: Tensor): Tensor => conv1d(x, line(1, 0, 0), null, { padding: [[2, 1]], paddingMode });
    return vjp(f, line(1, 2, 3, 4))
      .pullback(line(1, 10, 100, 1000, 10000))[0]
      .toArray();
  };
  // Output j reads the element at j − 2: two to the left of the first, …
  expect(gradient('zeros')).toEqual([[[100, 1000, 10000, 0]]]);
  expect(gradient('reflect')).toEqual([[[100, 1010, 10001, 0]]]);
  expect(gradient('replicate')).toEqual([[[111, 1000, 10000, 0]]]);
  expect(gradient('circular')).toEqual([[[100, 1000, 10001, 10]]]);
});

test('C13: rows and columns are not exchanged', () => {
  const x = tensor([
    [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
  ]);
  const y = conv2d(x, ones([1, 1, 1, 1]), null, {
    padding: [
      [1, 0],
      [0, 2],
    ],
    paddingMode: 'circular',
  });
  expect(y.toArray()).toEqual([
    [
      [
        [4, 5, 6, 4, 5],
        [1, 2, 3, 1, 2],
        [4, 5, 6, 4, 5],
      ],
    ],
  ]);
});

test('C1, C2: padding by name is filled too', () => {
  const named = (padding: 'same' | 'same-upper' | 'same-lower'): unknown =>
    conv1d(line(1, 2, 3), line(1, 10), null, { padding, paddingMode: 'circular' }).toArray();
  expect(named('same')).toEqual([[[21, 32, 13]]]);
  expect(named('same-upper')).toEqual([[[21, 32, 13]]]);
  expect(named('same-lower')).toEqual([[[13, 21, 32]]]);
});

test('C13: too wide a border is refused by the function and by the layer, all axes at once', () => {
  const options = { padding: [3, [0, 4]] as const, paddingMode: 'reflect' as const };
  expect(() => conv2d(ones([1, 1, 3, 4]), ones([1, 1, 2, 2]), null, options)).toThrow(
    'conv2d: 2 problems\n' +
      "  1. reflect padding must be below the 3 elements that it mirrors (axis 2, received [3, 3]). Use less padding, or 'replicate'.\n" +
      "  2. reflect padding must be below the 4 elements that it mirrors (axis 3, received [0, 4]). Use less padding, or 'replicate'.\n",
  );
  const layer = conv2dLayer({ outChannels: 1, kernelSize: 2, ...options, paddingMode: 'circular' });
  expect(layer.init(ones([2], 'int32'), [1, 3, 4]).outputShape).toEqual([1, 8, 7]);
  expect(() => layer.init(ones([2], 'int32'), [1, 2, 4])).toThrow('conv2d: circular padding must be at most the 2');
  expect(() => conv2dLayer({ outChannels: 1, kernelSize: 2, paddingMode: 'wrap' as never })).toThrow(
    "paddingMode must be 'zeros', 'reflect', 'replicate' or 'circular', received 'wrap'",
  );
});
