import { vjp } from '@lemmata/autograd';
import { OptionError } from '@lemmata/shape';
import { arange, key, ones, reshape, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { fold1d, fold2d, fold2dLayer, fold3d, unfold1d, unfold2d, unfold2dLayer, unfold3d } from './index.js';

const image = (): Tensor => reshape(arange(12), [1, 1, 3, 4]);

test('each column is what a window reads, row by row', () => {
  expect(unfold2d(image(), { kernelSize: 2, stride: [1, 2] }).toArray()).toEqual([
    [
      [0, 2, 4, 6],
      [1, 3, 5, 7],
      [4, 6, 8, 10],
      [5, 7, 9, 11],
    ],
  ]);
  // Channels come first, as in a weight.
  expect(
    unfold1d(
      tensor([
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ]),
      { kernelSize: 2, padding: [[0, 1]] },
    ).toArray(),
  ).toEqual([
    [
      [1, 2, 3],
      [2, 3, 0],
      [4, 5, 6],
      [5, 6, 0],
    ],
  ]);
});

test('C14: nothing is square, with dilation', () => {
  const y = unfold2d(image(), { kernelSize: [2, 1], dilation: [2, 1], stride: [1, 3], padding: [0, [1, 0]] });
  // Rows 0 and 2; columns −1 and 2.
  expect(y.toArray()).toEqual([
    [
      [0, 2],
      [0, 10],
    ],
  ]);
});

test('folding adds up where windows overlap, and drops the padding', () => {
  const folded = fold1d(
    tensor([
      [
        [1, 2, 3],
        [10, 20, 30],
      ],
    ]),
    { outputSize: 4, kernelSize: 2 },
  );
  expect(folded.toArray()).toEqual([[[1, 12, 23, 30]]]);
  const cut = fold1d(
    tensor([
      [
        [1, 2, 3],
        [10, 20, 30],
      ],
    ]),
    { outputSize: 2, kernelSize: 2, padding: 1 },
  );
  expect(cut.toArray()).toEqual([[[12, 23]]]);
});

test('windows that tile: folding is the inverse', () => {
  const x = reshape(arange(2 * 3 * 4 * 6), [2, 3, 4, 6]);
  const options = { kernelSize: [2, 3], stride: [2, 3] } as const;
  expect(fold2d(unfold2d(x, options), { ...options, outputSize: [4, 6] }).toArray()).toEqual(x.toArray());
});

test('the gradient of either is the other', () => {
  const options = { kernelSize: 2, padding: 1 } as const;
  const { value, pullback } = vjp((x: Tensor) => unfold2d(x, options), image());
  const upstream = reshape(arange(value.size), value.shape);
  expect(pullback(upstream)[0].toArray()).toEqual(fold2d(upstream, { ...options, outputSize: [3, 4] }).toArray());
  const back = vjp((y: Tensor) => fold2d(y, { ...options, outputSize: [3, 4] }), value);
  expect(back.pullback(image())[0].toArray()).toEqual(unfold2d(image(), options).toArray());
});

test('ranks, no batch axis, batch 0', () => {
  expect(unfold3d(ones([2, 3, 4, 4, 4]), { kernelSize: [1, 2, 2] }).shape).toEqual([2, 12, 36]);
  expect(fold3d(ones([2, 12, 36]), { outputSize: 4, kernelSize: [1, 2, 2] }).shape).toEqual([2, 3, 4, 4, 4]);
  expect(unfold2d(ones([3, 4, 4]), { kernelSize: 2 }).shape).toEqual([12, 9]);
  expect(fold2d(ones([12, 9]), { outputSize: 4, kernelSize: 2 }).shape).toEqual([3, 4, 4]);
  expect(unfold2d(ones([0, 3, 4, 4]), { kernelSize: 2 }).shape).toEqual([0, 12, 9]);
  expect(fold2d(ones([0, 12, 9]), { outputSize: 4, kernelSize: 2 }).shape).toEqual([0, 3, 4, 4]);
});

test('the layers', () => {
  const layer = unfold2dLayer({ kernelSize: 4, stride: 4 });
  expect(layer.init(key(1), [3, 32, 32])).toEqual({ params: {}, state: {}, outputShape: [48, 64] });
  expect(layer.window!([3, 32, 32])).toBeNull();
  expect(fold2dLayer({ outputSize: 32, kernelSize: 4, stride: 4 }).init(key(1), [48, 64]).outputShape).toEqual([
    3, 32, 32,
  ]);
});

test('refusals', () => {
  expect(() => unfold2d(ones([4, 4]), { kernelSize: 2 })).toThrow(
    'unfold2d: x must have 4 axes [N, C, ...spatial], or 3 without N (received 2).',
  );
  expect(() => unfold2d(ones([1, 1, 4, 4]), { kernelSize: 5 })).toThrow(
    'unfold2d: 2 problems\n  1. the kernel spans 5',
  );
  expect(() => unfold2d(ones([1, 1, 4, 4]), { kernelSize: 2, size: 3 } as never)).toThrow(OptionError);
  expect(() => unfold2d(ones([1, 1, 4, 4]), { kernelSize: [2] })).toThrow('kernelSize needs one number');
  expect(() => fold2d(ones([1, 4, 8]), { outputSize: 4, kernelSize: 2 })).toThrow(
    'fold: a size of 4 × 4 has 3 × 3 windows (axis 2, received 8, expected 9).',
  );
  expect(() => fold2d(ones([1, 4, 8]), { outputSize: [4], kernelSize: 2 })).toThrow('outputSize needs one number');
  expect(() => fold2d(ones([1, 4, 8]), { outputSize: 1, kernelSize: 2 })).toThrow('fold2d: 2 problems');
});
