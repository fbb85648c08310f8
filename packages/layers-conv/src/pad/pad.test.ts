import { OptionError } from '@lemmata/shape';
import { key, ones, tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { pad1d, pad1dLayer, pad2d, pad2dLayer, pad3d } from './index.js';

test('C13: every mode; rows first, then columns', () => {
  const x = tensor([
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ]);
  const around = (options: object): unknown =>
    pad2d(x, {
      padding: [
        [0, 1],
        [1, 0],
      ],
      ...options,
    }).toArray();
  expect(around({})).toEqual([
    [
      [
        [0, 1, 2],
        [0, 3, 4],
        [0, 0, 0],
      ],
    ],
  ]);
  expect(around({ value: 9 })).toEqual([
    [
      [
        [9, 1, 2],
        [9, 3, 4],
        [9, 9, 9],
      ],
    ],
  ]);
  expect(around({ mode: 'reflect' })).toEqual([
    [
      [
        [2, 1, 2],
        [4, 3, 4],
        [2, 1, 2],
      ],
    ],
  ]);
  expect(around({ mode: 'replicate' })).toEqual([
    [
      [
        [1, 1, 2],
        [3, 3, 4],
        [3, 3, 4],
      ],
    ],
  ]);
  expect(around({ mode: 'circular' })).toEqual([
    [
      [
        [2, 1, 2],
        [4, 3, 4],
        [2, 1, 2],
      ],
    ],
  ]);
});

test('ranks, no batch axis, batch 0, negative padding', () => {
  expect(pad3d(ones([1, 2, 3, 4, 5]), { padding: [1, 0, [0, 2]] }).shape).toEqual([1, 2, 5, 4, 7]);
  expect(pad2d(ones([2, 3, 4]), { padding: 1, mode: 'circular' }).shape).toEqual([2, 5, 6]);
  expect(pad1d(ones([0, 2, 3]), { padding: 1, mode: 'reflect' }).shape).toEqual([0, 2, 5]);
  expect(pad1d(tensor([[1, 2, 3]]), { padding: [[-1, 1]] }).toArray()).toEqual([[2, 3, 0]]);
});

test('the layer', () => {
  const layer = pad2dLayer({ padding: [1, [0, 2]], mode: 'reflect' });
  expect(layer.init(key(1), [3, 4, 5])).toEqual({ params: {}, state: {}, outputShape: [3, 6, 7] });
  expect(layer.window!([3, 4, 5])).toEqual([
    { kernel: 1, padding: [1, 1] },
    { kernel: 1, padding: [0, 2] },
  ]);
  expect(pad1dLayer({ padding: [[-1, 0]] }).window!([3, 4])).toBeNull();
});

test('refusals', () => {
  expect(() => pad2d(ones([4, 4]), { padding: 1 })).toThrow(
    'pad2d: x must have 4 axes [N, C, ...spatial], or 3 without N (received 2).',
  );
  expect(() => pad1d(ones([2, 3, 4, 5]), { padding: 1 })).toThrow('pad1d: x must have 3 axes');
  expect(() => pad2dLayer({ padding: [1, 1, 1] })).toThrow(
    'pad2d: padding must be one number, or a number or [before, after] for each of the 2 spatial axes',
  );
  expect(() => pad2dLayer({ padding: 1, mode: 'mirror' as never })).toThrow("mode must be 'constant', 'reflect'");
  expect(() => pad2dLayer({ padding: 1, mode: 'reflect', value: 1 })).toThrow("a value goes with mode 'constant'");
  expect(() => pad2dLayer({ padding: 1, border: 'reflect' } as never)).toThrow(OptionError);
  expect(() => pad2d(ones([1, 1, 3, 4]), { padding: [0, 4], mode: 'reflect' })).toThrow(
    'pad: reflect padding must be below the 4 elements that it mirrors (axis 3, received [4, 4])',
  );
  expect(() => pad2d(ones([1, 1, 3, 4]), { padding: 0.5 })).toThrow('a width is an integer or [before, after]');
});
