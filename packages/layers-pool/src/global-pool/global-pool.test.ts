import { vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { key, ones, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { adaptiveAvgPool2d, adaptiveMaxPool2d } from '../index.js';
import {
  globalAvgPool1d,
  globalAvgPool2d,
  globalAvgPool2dLayer,
  globalAvgPool3d,
  globalMaxPool1d,
  globalMaxPool2d,
  globalMaxPool2dLayer,
  globalMaxPool3d,
} from './index.js';

const image = (): Tensor =>
  tensor([
    [
      [
        [1, 2, 3],
        [4, 5, 9],
      ],
      [
        [-1, -2, -3],
        [-4, -5, -9],
      ],
    ],
  ]);

test('one number a channel', () => {
  expect(globalAvgPool2d(image()).toArray()).toEqual([[4, -4]]);
  expect(globalMaxPool2d(image()).toArray()).toEqual([[9, -1]]);
  expect(globalAvgPool2d(image(), { keepdims: true }).toArray()).toEqual([[[[4]], [[-4]]]]);
  expect(globalMaxPool2d(image(), { keepdims: true }).shape).toEqual([1, 2, 1, 1]);
});

test('P11: adaptive pooling to 1 is the global one', () => {
  const kept = { keepdims: true };
  expect(adaptiveAvgPool2d(image(), { outputSize: 1 }).toArray()).toEqual(globalAvgPool2d(image(), kept).toArray());
  expect(adaptiveMaxPool2d(image(), { outputSize: 1 }).toArray()).toEqual(globalMaxPool2d(image(), kept).toArray());
});

test('gradients: shares of the mean, and the first of the largest', () => {
  const x = tensor([[[5, 1, 5, 2]]]);
  const gradient = (f: (x: Tensor) => Tensor): unknown =>
    vjp(f, x)
      .pullback(tensor([[8]]))[0]
      .toArray();
  expect(gradient((a) => globalAvgPool1d(a))).toEqual([[[2, 2, 2, 2]]]);
  expect(gradient((a) => globalMaxPool1d(a))).toEqual([[[8, 0, 0, 0]]]);
});

test('the mean of an image without channels is none; a maximum of none is refused where the layer begins', () => {
  expect(globalAvgPool2dLayer().init(key(1), [0, 4, 4]).outputShape).toEqual([0]);
  expect(globalAvgPool2d(ones([3, 0, 4, 4])).shape).toEqual([3, 0]);
  const none = 'globalMaxPool2d: x must have at least one channel (axis 1)';
  expect(() => globalMaxPool2dLayer().init(key(1), [0, 4, 4])).toThrow(none);
  expect(() => globalMaxPool2d(ones([3, 0, 4, 4]))).toThrow(none);
});

test('P5, P6: NaN, and nothing but −∞', () => {
  expect(globalMaxPool1d(tensor([[[1, NaN, 3]]])).toArray()).toEqual([[NaN]]);
  expect(globalMaxPool1d(tensor([[[-Infinity, -Infinity]]])).toArray()).toEqual([[-Infinity]]);
  expect(globalAvgPool1d(tensor([[[1, NaN, 3]]])).toArray()).toEqual([[NaN]]);
});

test('ranks, no batch axis, batch 0', () => {
  expect(globalAvgPool3d(ones([2, 3, 4, 5, 6])).shape).toEqual([2, 3]);
  expect(globalMaxPool3d(ones([3, 4, 5, 6]), { keepdims: true }).shape).toEqual([3, 1, 1, 1]);
  expect(globalMaxPool2d(ones([3, 4, 5])).shape).toEqual([3]);
  expect(globalAvgPool2d(ones([0, 3, 4, 5])).shape).toEqual([0, 3]);
  expect(globalMaxPool2d(ones([0, 3, 4, 5])).shape).toEqual([0, 3]);
});

test('the layers', () => {
  const average = globalAvgPool2dLayer();
  expect(average.init(key(1), [6, 7, 5])).toEqual({ params: {}, state: {}, outputShape: [6] });
  expect(infer(average, {}, {}, ones([2, 6, 7, 5])).shape).toEqual([2, 6]);
  expect(average.window!([6, 7, 5])).toBeNull();
  const largest = globalMaxPool2dLayer({ keepdims: true });
  expect(largest.init(key(1), [6, 7, 5]).outputShape).toEqual([6, 1, 1]);
});

test('refusals', () => {
  expect(() => globalAvgPool2d(ones([4, 4]))).toThrow(
    'globalAvgPool2d: input must have 4 axes [N, C, ...spatial] (received 2).',
  );
  expect(() => globalMaxPool2d(ones([1, 1, 0, 4]))).toThrow(
    'an axis without elements has no mean and no maximum (axis 2)',
  );
  expect(() => globalAvgPool2dLayer().init(key(1), [4, 4])).toThrow('input must have 3 axes [C, ...spatial]');
  expect(() => globalAvgPool2d(ones([1, 1, 2, 2], 'int32'))).toThrow('x must be float32 or float64');
  expect(() => globalAvgPool2dLayer({ keepdim: true } as never)).toThrow(OptionError);
  expect(() => globalAvgPool2dLayer({ keepdims: 1 as never })).toThrow('keepdims must be true or false, received 1');
});
