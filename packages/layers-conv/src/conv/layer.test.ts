import { constantOf, infer, sequential } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { key, ones, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { conv1dLayer, conv2d, conv2dLayer, conv3dLayer } from './index.js';

test('parameters, shapes and names', () => {
  const layer = conv2dLayer({ outChannels: 6, kernelSize: 5, padding: 2 });
  const { params, state, outputShape } = layer.init(key(1), [1, 28, 28]);
  expect(params.weight.shape).toEqual([6, 1, 5, 5]);
  expect(params.bias?.shape).toEqual([6]);
  expect(state).toEqual({});
  expect(outputShape).toEqual([6, 28, 28]);
  const x = ones([2, 1, 28, 28]);
  const y = infer(layer, params, state, x);
  expect(y.shape).toEqual([2, 6, 28, 28]);
  expect(y.toArray()).toEqual(conv2d(x, params.weight, params.bias, { padding: 2 }).toArray());
  expect(
    Object.keys(conv2dLayer({ outChannels: 6, kernelSize: 5, bias: false }).init(key(1), [1, 28, 28]).params),
  ).toEqual(['weight']);
});

test('six 3×5×5 filters have 456 parameters', () => {
  const { params } = conv2dLayer({ outChannels: 6, kernelSize: 5 }).init(key(1), [3, 32, 32]);
  expect(params.weight.size + params.bias!.size).toBe(6 * (3 * 5 * 5 + 1));
});

test('one and three spatial axes', () => {
  expect(conv1dLayer({ outChannels: 4, kernelSize: 3, stride: 2 }).init(key(1), [2, 9]).outputShape).toEqual([4, 4]);
  expect(conv3dLayer({ outChannels: 4, kernelSize: [1, 2, 3] }).init(key(1), [2, 5, 5, 5]).outputShape).toEqual([
    4, 5, 4, 3,
  ]);
});

test('C16: the default draws within ±1 / √fanIn of one group, bias too, and fills that range', () => {
  const { params } = conv2dLayer({ outChannels: 64, kernelSize: [3, 5], groups: 4 }).init(key(3), [16, 9, 9]);
  const bound = 1 / Math.sqrt(4 * 3 * 5);
  for (const t of [params.weight, params.bias!]) {
    const data = Array.from(t.dataSync());
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
    expect(Math.max(...data)).toBeGreaterThan(0.9 * bound);
    expect(Math.min(...data)).toBeLessThan(-0.9 * bound);
  }
  // The variance of a uniform law on ±b is b² / 3; 3,840 draws are within 5 % of it.
  const weights = Array.from(params.weight.dataSync());
  const variance = weights.reduce((total, v) => total + v * v, 0) / weights.length;
  expect(Math.abs(variance / (bound ** 2 / 3) - 1)).toBeLessThan(0.05);
});

test('the same key gives the same parameters, another key others; weight and bias differ', () => {
  const draw = (seed: number): number[] => {
    const { weight, bias } = conv2dLayer({ outChannels: 2, kernelSize: 1 }).init(key(seed), [1, 4, 4]).params;
    return [...weight.dataSync(), ...bias!.dataSync()];
  };
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5)).not.toEqual(draw(6));
  expect(draw(5).slice(0, 2)).not.toEqual(draw(5).slice(2));
});

test('initialisers are given the shape and the groups', () => {
  const seen: unknown[] = [];
  const spy = (_key: Tensor, shape: readonly number[], options?: object): Tensor => {
    seen.push([shape, options]);
    return ones(shape);
  };
  const layer = conv2dLayer({ outChannels: 4, kernelSize: 3, groups: 2, init: spy, biasInit: constantOf(0.5) });
  const { params } = layer.init(key(1), [6, 8, 8]);
  expect(seen).toEqual([[[4, 3, 3, 3], { groups: 2 }]]);
  expect(params.bias!.toArray()).toEqual([0.5, 0.5, 0.5, 0.5]);
});

test('the window for receptive fields', () => {
  const layer = conv2dLayer({ outChannels: 1, kernelSize: [3, 2], stride: [2, 1], dilation: [1, 3], padding: 'valid' });
  expect(layer.window!([1, 9, 9])).toEqual([
    { kernel: 3, stride: 2, dilation: 1, padding: [0, 0] },
    { kernel: 2, stride: 1, dilation: 3, padding: [0, 0] },
  ]);
});

test('refusals', () => {
  expect(() => conv2dLayer({ outChannels: 3, kernelSize: 3, groups: 2 })).toThrow(
    'conv2d: groups 2 must divide outChannels (received 3).',
  );
  expect(() => conv2dLayer({ outChannels: 4, kernelSize: 3, groups: 2, inChannels: 3 })).toThrow(
    'groups 2 must divide inChannels (received 3)',
  );
  expect(() => conv2dLayer({ outChannels: 0, kernelSize: 0, groups: 0 })).toThrow('conv2d: 3 problems');
  expect(() => conv2dLayer({ outChannels: 1, kernelSize: [3, 3, 3] })).toThrow(
    'kernelSize needs one number, or one for each of the 2 spatial axes',
  );
  expect(() => conv2dLayer({ outChannels: 1, kernelSize: 3, padding: 'full' as never })).toThrow(
    "'valid', 'same', 'same-upper' or 'same-lower'",
  );
  expect(() => conv2dLayer({ outChannels: 1, kernelSize: 3, padding: 'same', stride: 2 })).toThrow(
    "padding 'same' needs stride 1",
  );
  expect(() => conv2dLayer({ outChannels: 1, kernelSize: 3, bias: 1 as never })).toThrow(
    'bias must be true or false (received 1)',
  );
  expect(() => conv2dLayer({ outChannels: 1, kernelSize: 3, filters: 2 } as never)).toThrow(OptionError);
  const layer = conv2dLayer({ outChannels: 4, kernelSize: 3, groups: 2, inChannels: 4 });
  expect(() => layer.init(key(1), [6, 8, 8])).toThrow(
    'the input must have inChannels channels (axis 0, received 6, expected 4)',
  );
  expect(() => conv2dLayer({ outChannels: 4, kernelSize: 3 }).init(key(1), [0, 8, 8])).toThrow(
    'conv2d: the input must have at least one channel (axis 0, received 0).',
  );
  expect(() => conv2dLayer({ outChannels: 4, kernelSize: 3, groups: 2 }).init(key(1), [3, 8, 8])).toThrow(
    'groups 2 must divide the 3 input channels',
  );
  expect(() => conv2dLayer({ outChannels: 1, kernelSize: 9 }).init(key(1), [1, 8, 8])).toThrow('the kernel spans 9');
  expect(() => conv2dLayer({ outChannels: 1, kernelSize: 3 }).init(key(1), [8, 8])).toThrow('must have as many axes');
  expect(() => sequential({ c: layer }).init(key(1), [6, 8, 8])).toThrow('c > conv2d: ');
});
