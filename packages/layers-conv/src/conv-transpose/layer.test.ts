import { infer, kaimingUniform, sequential, summary } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { key, ones, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { conv2dLayer } from '../conv/index.js';
import { convTranspose1dLayer, convTranspose2d, convTranspose2dLayer, convTranspose3dLayer } from './index.js';

test('parameters, shapes and names', () => {
  const layer = convTranspose2dLayer({ outChannels: 6, kernelSize: [4, 3], stride: 2, padding: 1, groups: 2 });
  const { params, state, outputShape } = layer.init(key(1), [4, 5, 7]);
  expect(params.weight.shape).toEqual([4, 3, 4, 3]);
  expect(params.bias?.shape).toEqual([6]);
  expect(state).toEqual({});
  expect(outputShape).toEqual([6, 10, 13]);
  const x = ones([2, 4, 5, 7]);
  const y = infer(layer, params, state, x);
  expect(y.shape).toEqual([2, ...outputShape]);
  expect(y.toArray()).toEqual(
    convTranspose2d(x, params.weight, params.bias, { stride: 2, padding: 1, groups: 2 }).toArray(),
  );
  const withoutBias = convTranspose2dLayer({ outChannels: 6, kernelSize: 2, bias: false }).init(key(1), [1, 4, 4]);
  expect(Object.keys(withoutBias.params)).toEqual(['weight']);
});

test('one and three spatial axes, outputPadding and outputSize', () => {
  const one = convTranspose1dLayer({ outChannels: 4, kernelSize: 3, stride: 2, outputPadding: 1 });
  expect(one.init(key(1), [2, 9]).outputShape).toEqual([4, 20]);
  const three = convTranspose3dLayer({ outChannels: 4, kernelSize: 2, stride: 3, outputSize: [6, 5, 7] });
  const { params, state, outputShape } = three.init(key(1), [2, 2, 2, 2]);
  expect(outputShape).toEqual([4, 6, 5, 7]);
  expect(infer(three, params, state, ones([1, 2, 2, 2, 2])).shape).toEqual([1, 4, 6, 5, 7]);
});

test('it goes back to the shape from which a convolution of the same options came', () => {
  const window = { kernelSize: [3, 4], stride: [2, 3], dilation: [1, 2], padding: [[1, 0], 2] } as const;
  const network = sequential({
    down: conv2dLayer({ outChannels: 3, ...window }),
    up: convTranspose2dLayer({ outChannels: 2, ...window, outputSize: [9, 20] }),
  });
  expect(network.init(key(1), [2, 9, 20]).outputShape).toEqual([2, 9, 20]);
});

const range = (t: Tensor): [number, number] => {
  const data = Array.from(t.dataSync());
  return [Math.min(...data), Math.max(...data)];
};

test("C16: PyTorch's default takes out / groups · ∏ kernel for the fan; an initialiser is told of the transposition", () => {
  const layer = convTranspose2dLayer({ outChannels: 8, kernelSize: [3, 5], groups: 4 });
  const { params } = layer.init(key(3), [64, 9, 9]);
  const bound = 1 / Math.sqrt((8 / 4) * 15);
  const [low, high] = range(params.weight);
  expect(high).toBeLessThanOrEqual(Math.fround(bound));
  expect(low).toBeGreaterThanOrEqual(-Math.fround(bound));
  expect(high - low).toBeGreaterThan(1.9 * bound);
  expect(Math.max(...range(params.bias!).map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));

  const own = convTranspose2dLayer({ outChannels: 8, kernelSize: [3, 5], groups: 4, init: kaimingUniform() });
  // Kaiming's ±√(6 / fanIn), with the 64 / 4 channels that reach an output through 15 elements each.
  const kaiming = Math.sqrt(6 / (16 * 15));
  const [lowest, highest] = range(own.init(key(3), [64, 9, 9]).params.weight);
  expect(highest - lowest).toBeGreaterThan(1.9 * kaiming);
  expect(highest).toBeLessThanOrEqual(Math.fround(kaiming));
  expect(lowest).toBeGreaterThanOrEqual(-Math.fround(kaiming));
});

test('the window for receptive fields: that of a convolution where the stride is 1, else every place', () => {
  const layer = convTranspose2dLayer({ outChannels: 1, kernelSize: [3, 2], dilation: [1, 3], padding: [[0, 1], 2] });
  expect(layer.window!([1, 9, 9])).toEqual([
    { kernel: 3, stride: 1, dilation: 1, padding: [2, 1] },
    { kernel: 2, stride: 1, dilation: 3, padding: [1, 1] },
  ]);
  expect(convTranspose2dLayer({ outChannels: 1, kernelSize: 2, stride: 2 }).window!([1, 4, 4])).toBeNull();
  expect(convTranspose2dLayer({ outChannels: 1, kernelSize: 1, padding: 1 }).window!([1, 4, 4])).toBeNull();
  expect(summary(convTranspose2dLayer({ outChannels: 3, kernelSize: 2, stride: 2 }), [1, 4, 4]).outputShape).toEqual([
    3, 8, 8,
  ]);
});

test('refusals', () => {
  const make = (options: object) => () =>
    convTranspose2dLayer({ outChannels: 4, kernelSize: 3, ...options } as Parameters<typeof convTranspose2dLayer>[0]);
  expect(make({ groups: 3 })).toThrow('convTranspose2d: groups 3 must divide outChannels (received 4).');
  expect(make({ inChannels: 3, groups: 2 })).toThrow('groups 2 must divide inChannels (received 3)');
  expect(make({ outputPadding: 1 })).toThrow('outputPadding must be an integer from 0 to 0');
  expect(make({ padding: 'same' })).toThrow('a transposed convolution takes its padding as numbers');
  expect(make({ padding: -1, stride: 0 })).toThrow('stride must be integers of at least 1');
  expect(make({ padding: -1 })).toThrow('padding must be a non-negative integer');
  expect(make({ outputSize: 0 })).toThrow('outputSize must be integers of at least 1');
  expect(make({ paddingMode: 'reflect' })).toThrow("paddingMode must be 'zeros'");
  expect(make({ outputsize: 3 })).toThrow(OptionError);
  const layer = convTranspose2dLayer({ outChannels: 4, kernelSize: 2, groups: 2, padding: 2, outputSize: 5 });
  expect(() => layer.init(key(1), [3, 8, 8])).toThrow('groups 2 must divide the 3 input channels');
  expect(() => layer.init(key(1), [4, 8])).toThrow('must have as many axes');
  expect(() => layer.init(key(1), [4, 7, 8])).toThrow('cannot be reached (axis 2, received 5, expected 4)');
  expect(() => convTranspose2dLayer({ outChannels: 1, kernelSize: 2, padding: 2 }).init(key(1), [4, 1, 8])).toThrow(
    'nothing is left: 2 elements less padding 2 + 2 is -2 (axis 2)',
  );
  expect(() => convTranspose2dLayer({ outChannels: 1, kernelSize: 2, inChannels: 2 }).init(key(1), [3, 4, 4])).toThrow(
    'the input must have inChannels channels (axis 0, received 3, expected 2)',
  );
});
