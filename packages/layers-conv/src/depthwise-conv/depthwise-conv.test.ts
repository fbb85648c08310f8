import { valueAndGrad, vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { key, ones, sum, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { conv2d } from '../conv/index.js';
import {
  depthwiseConv1d,
  depthwiseConv1dLayer,
  depthwiseConv2d,
  depthwiseConv2dLayer,
  depthwiseConv3d,
} from './index.js';

test('each channel has its own filter', () => {
  const x = tensor([
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ]);
  const w = tensor([[[1, 1]], [[1, -1]]]);
  expect(depthwiseConv1d(x, w).toArray()).toEqual([
    [
      [3, 5],
      [-1, -1],
    ],
  ]);
  // Two filters a channel: those of the first channel come first.
  const two = tensor([[[1, 0]], [[0, 1]], [[10, 0]], [[0, 10]]]);
  expect(depthwiseConv1d(x, two, tensor([0, 0, 1, 1])).toArray()).toEqual([
    [
      [1, 2],
      [2, 3],
      [41, 51],
      [51, 61],
    ],
  ]);
});

test('C5: weight gradient of ones, 24 channels', () => {
  const f = (w: Tensor): Tensor => sum(depthwiseConv2d(ones([1, 24, 6, 6]), w, null, { stride: 2, padding: 1 }));
  const { grads } = valueAndGrad(f)(ones([24, 1, 3, 3]));
  expect(grads.toArray()).toEqual(
    Array.from({ length: 24 }, () => [
      [
        [4, 6, 6],
        [6, 9, 9],
        [6, 9, 9],
      ],
    ]),
  );
});

test('it is the convolution with as many groups as channels, gradients too', () => {
  const x = tensor(
    Float64Array.from({ length: 2 * 3 * 20 }, (_, i) => (i * 7) % 11),
    { shape: [2, 3, 4, 5] },
  );
  const w = tensor(
    Float64Array.from({ length: 36 }, (_, i) => (i * 5) % 7),
    { shape: [6, 1, 2, 3] },
  );
  const options = { stride: [1, 2], padding: [[1, 0], 1], paddingMode: 'replicate' } as const;
  const own = vjp((a: Tensor, b: Tensor) => depthwiseConv2d(a, b, null, options), x, w);
  const grouped = vjp((a: Tensor, b: Tensor) => conv2d(a, b, null, { ...options, groups: 3 }), x, w);
  expect(own.value.toArray()).toEqual(grouped.value.toArray());
  const upstream = ones(own.value.shape, 'float64');
  const [mine, theirs] = [own.pullback(upstream), grouped.pullback(upstream)];
  expect(mine.map((t) => t.toArray())).toEqual(theirs.map((t) => t.toArray()));
});

test('ranks, no batch axis, batch 0', () => {
  expect(depthwiseConv3d(ones([1, 2, 3, 3, 3]), ones([4, 1, 2, 2, 2])).shape).toEqual([1, 4, 2, 2, 2]);
  expect(depthwiseConv2d(ones([2, 3, 3]), ones([2, 1, 2, 2])).shape).toEqual([2, 2, 2]);
  expect(depthwiseConv2d(ones([0, 2, 3, 3]), ones([2, 1, 2, 2])).shape).toEqual([0, 2, 2, 2]);
});

test('the layer takes its groups from the input', () => {
  const layer = depthwiseConv2dLayer({ kernelSize: 3, multiplier: 2, stride: 2, padding: 1 });
  const { params, state, outputShape } = layer.init(key(1), [5, 8, 7]);
  expect([params.weight.shape, params.bias?.shape, state, outputShape]).toEqual([[10, 1, 3, 3], [10], {}, [10, 4, 4]]);
  const x = ones([2, 5, 8, 7]);
  expect(infer(layer, params, state, x).toArray()).toEqual(
    depthwiseConv2d(x, params.weight, params.bias, { stride: 2, padding: 1 }).toArray(),
  );
  expect(layer.window!([5, 8, 7])?.[1]).toEqual({ kernel: 3, stride: 2, dilation: 1, padding: [1, 1] });
  expect(depthwiseConv1dLayer({ kernelSize: 2, bias: false }).init(key(1), [3, 4]).params).toMatchObject({
    weight: { shape: [3, 1, 2] },
  });
});

test('C16: the default draws within ±1 / √(∏ kernel)', () => {
  const { weight } = depthwiseConv2dLayer({ kernelSize: [3, 5] }).init(key(1), [64, 9, 9]).params;
  const largest = Math.max(...Array.from(weight.dataSync(), Math.abs));
  expect(largest).toBeLessThanOrEqual(Math.fround(1 / Math.sqrt(15)));
  expect(largest).toBeGreaterThan(0.95 / Math.sqrt(15));
});

test('refusals', () => {
  const make = (options: object) => () => depthwiseConv2dLayer({ kernelSize: 3, ...options });
  expect(make({ groups: 2 })).toThrow(
    'depthwiseConv2d: a depthwise convolution has as many groups as channels: leave groups out',
  );
  expect(make({ outChannels: 2 })).toThrow("depthwiseConv2d: unknown option 'outChannels'");
  expect(make({ multiplier: 0 })).toThrow('multiplier must be an integer of at least 1, received 0');
  expect(make({ padding: 'full' })).toThrow("'valid', 'same', 'same-upper' or 'same-lower'");
  expect(make({ kernelSize: [3] })).toThrow('kernelSize needs one number');
  expect(() => make({ inChannels: 3 })().init(key(1), [4, 5, 5])).toThrow(
    'the input must have inChannels channels (axis 0, received 4, expected 3)',
  );
  expect(() => depthwiseConv2d(ones([1, 2, 4, 4]), ones([3, 1, 2, 2]))).toThrow('groups 2 must divide the 3 filters');
  expect(() => depthwiseConv2d(ones([1, 0, 4, 4]), ones([3, 1, 2, 2]))).toThrow(
    'depthwiseConv2d: the input must have at least one channel',
  );
  expect(() => depthwiseConv2d(ones([4, 4]), ones([3, 1, 2, 2]))).toThrow('must have as many axes');
  expect(() => depthwiseConv2d(ones([1, 2, 4, 4]), ones([2, 1, 2, 2]), null, { groups: 2 } as never)).toThrow(
    OptionError,
  );
});
