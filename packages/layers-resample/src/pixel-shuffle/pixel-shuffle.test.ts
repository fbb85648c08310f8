import { infer } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { key, tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { pixelShuffle, pixelShuffleLayer, pixelUnshuffle, pixelUnshuffleLayer } from './index.js';

test('four channels become a square of four', () => {
  const x = tensor([[[[1]], [[2]], [[3]], [[4]]]]);
  const y = [
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ];
  expect(pixelShuffle(x, 2).toArray()).toEqual(y);
  expect(pixelUnshuffle(tensor(y), 2).toArray()).toEqual(x.toArray());
});

test('squares stand beside each other, channels behind each other', () => {
  const x = tensor(
    Int32Array.from({ length: 16 }, (_, i) => i),
    { shape: [8, 1, 2] },
  );
  expect(pixelShuffle(x, 2).toArray()).toEqual([
    [
      [0, 2, 1, 3],
      [4, 6, 5, 7],
    ],
    [
      [8, 10, 9, 11],
      [12, 14, 13, 15],
    ],
  ]);
});

test('any axes in front, empty pictures', () => {
  expect(pixelShuffle(zeros([2, 3, 9, 2, 1]), 3).shape).toEqual([2, 3, 1, 6, 3]);
  expect(pixelUnshuffle(zeros([1, 1, 0, 2]), 2).shape).toEqual([1, 4, 0, 1]);
});

test('the layers', () => {
  const up = pixelShuffleLayer({ upscaleFactor: 2 });
  expect(up.init(key(1), [12, 5, 6]).outputShape).toEqual([3, 10, 12]);
  expect(infer(up, {}, {}, zeros([1, 12, 5, 6])).shape).toEqual([1, 3, 10, 12]);
  const down = pixelUnshuffleLayer({ downscaleFactor: 2 });
  expect(down.init(key(1), [3, 10, 12]).outputShape).toEqual([12, 5, 6]);
  expect([up.window!([12, 5, 6]), down.window!([3, 10, 12])]).toEqual([null, null]);
});

test('refusals', () => {
  expect(() => pixelShuffle(zeros([1, 6, 2, 2]), 2)).toThrow(
    'pixelShuffle: upscaleFactor² = 4 must divide the channels (axis 1, received 6).\n  shapes: x [1, 6, 2, 2]',
  );
  expect(() => pixelUnshuffle(zeros([2, 3, 5]), 2)).toThrow(
    'pixelUnshuffle: 2 problems\n  1. downscaleFactor 2 must divide height and width (axis 1, received 3).',
  );
  expect(() => pixelShuffle(zeros([4, 4]), 2)).toThrow('x must be [..., C, H, W] (received [4, 4])');
  expect(() => pixelShuffle(zeros([4, 1, 1]), 1.5)).toThrow('upscaleFactor must be a positive integer, received 1.5');
  expect(() => pixelShuffleLayer({ upscaleFactor: 0 })).toThrow(OptionError);
  expect(() => pixelUnshuffleLayer({ factor: 2 } as never)).toThrow("unknown option 'factor'");
});
