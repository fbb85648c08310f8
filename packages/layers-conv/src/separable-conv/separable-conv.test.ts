import { infer, summary } from '@lemmata/nn';
import { key, ones, tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { separableConv1d, separableConv2d, separableConv2dLayer, separableConv3d } from './index.js';

test('the filters of each channel, then a sum over the channels', () => {
  const x = tensor([
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ]);
  const filters = tensor([[[1, 1]], [[1, -1]]]);
  const mix = tensor([
    [[1], [10]],
    [[0], [1]],
  ]);
  // 3 5 and −1 −1 after the first step.
  expect(separableConv1d(x, filters, mix, tensor([0, 100])).toArray()).toEqual([
    [
      [-7, -5],
      [99, 99],
    ],
  ]);
});

test('options go to the first step; ranks, no batch axis, batch 0', () => {
  const options = { stride: 2, padding: 1 };
  expect(separableConv2d(ones([2, 2, 5, 4]), ones([4, 1, 3, 3]), ones([3, 4, 1, 1]), null, options).shape).toEqual([
    2, 3, 3, 2,
  ]);
  expect(separableConv3d(ones([1, 3, 3, 3]), ones([1, 1, 2, 2, 2]), ones([5, 1, 1, 1, 1])).shape).toEqual([5, 2, 2, 2]);
  expect(separableConv2d(ones([0, 2, 5, 4]), ones([2, 1, 3, 3]), ones([3, 2, 1, 1])).shape).toEqual([0, 3, 3, 2]);
});

test('the layer: names, sizes, and a bias at the end only', () => {
  const layer = separableConv2dLayer({ outChannels: 64, kernelSize: 3, padding: 1 });
  expect(layer.kind).toBe('separableConv2d');
  const { params, state, outputShape } = layer.init(key(1), [32, 8, 8]);
  expect(outputShape).toEqual([64, 8, 8]);
  expect(Object.keys(params.depthwise)).toEqual(['weight']);
  expect(params.depthwise.weight.shape).toEqual([32, 1, 3, 3]);
  expect([params.pointwise.weight.shape, params.pointwise.bias?.shape]).toEqual([[64, 32, 1, 1], [64]]);
  const x = ones([2, 32, 8, 8]);
  expect(infer(layer, params, state, x).toArray()).toEqual(
    separableConv2d(x, params.depthwise.weight, params.pointwise.weight, params.pointwise.bias, {
      padding: 1,
    }).toArray(),
  );
});

test('3 × 3 · 32 + 32 · 64 weights in the place of 3 × 3 · 32 · 64', () => {
  const { parameters } = summary(separableConv2dLayer({ outChannels: 64, kernelSize: 3, bias: false }), [32, 8, 8]);
  expect(parameters).toBe(9 * 32 + 32 * 64);
});

test('refusals name the step', () => {
  const make = (options: object) => () => separableConv2dLayer({ outChannels: 2, kernelSize: 3, ...options });
  expect(make({ groups: 2 })).toThrow("separableConv2d: unknown option 'groups'");
  expect(make({ outChannels: 0 })).toThrow('separableConv2d: outChannels must be an integer of at least 1');
  expect(make({ multiplier: 1.5 })).toThrow('multiplier must be an integer of at least 1, received 1.5');
  expect(() => make({})().init(key(1), [2, 2, 5])).toThrow('depthwise > separableConv2d: the kernel spans 3');
  expect(() => separableConv2d(ones([1, 2, 4, 4]), ones([2, 1, 2, 2]), ones([3, 4, 1, 1]))).toThrow(
    'separableConv2d > pointwise: the weight reads 4 channels a group, but the input has 2 / 1 = 2',
  );
  expect(() =>
    separableConv2d(ones([1, 2, 4, 4]), ones([2, 1, 2, 2]), ones([3, 2, 1, 1]), null, { stride: 0 }),
  ).toThrow('separableConv2d > depthwise: stride must be integers of at least 1');
});
