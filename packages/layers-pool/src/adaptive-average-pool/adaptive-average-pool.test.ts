import { vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { arange, key, ones, reshape, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { avgPool2d } from '../average-pool/index.js';
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool2dLayer, adaptiveAvgPool3d } from './index.js';

const line = (...values: number[]): Tensor => tensor([[values]]);

test('P11: sizes that divide are pooled with that window', () => {
  const x = reshape(arange(48), [1, 2, 4, 6]);
  expect(adaptiveAvgPool2d(x, { outputSize: [2, 3] }).toArray()).toEqual(avgPool2d(x, { kernelSize: 2 }).toArray());
});

test('P11: sizes that do not divide overlap: 5 to 3 reads 0–1, 1–3, 3–4', () => {
  expect(adaptiveAvgPool1d(line(0, 1, 2, 3, 4), { outputSize: 3 }).toArray()).toEqual([[[0.5, 2, 3.5]]]);
});

test('P11: more outputs than inputs repeat them', () => {
  expect(adaptiveAvgPool1d(line(1, 2, 3), { outputSize: 7 }).toArray()).toEqual([[[1, 1, 1.5, 2, 2.5, 3, 3]]]);
});

test('null keeps a size', () => {
  const x = reshape(arange(12), [1, 1, 3, 4]);
  expect(adaptiveAvgPool2d(x, { outputSize: [null, 2] }).toArray()).toEqual([
    [
      [
        [0.5, 2.5],
        [4.5, 6.5],
        [8.5, 10.5],
      ],
    ],
  ]);
  expect(adaptiveAvgPool2d(x, { outputSize: [null, null] }).toArray()).toEqual(x.toArray());
});

test('the gradient is the adjoint: shares add up where windows overlap', () => {
  const { pullback } = vjp((x: Tensor) => adaptiveAvgPool1d(x, { outputSize: 3 }), line(0, 1, 2, 3, 4));
  expect(pullback(line(2, 3, 4))[0].toArray()).toEqual([[[1, 2, 1, 3, 2]]]);
});

test('ranks, no batch axis, batch 0', () => {
  expect(adaptiveAvgPool3d(ones([2, 3, 4, 5, 6]), { outputSize: [2, null, 3] }).shape).toEqual([2, 3, 2, 5, 3]);
  expect(adaptiveAvgPool2d(ones([3, 4, 5]), { outputSize: 2 }).shape).toEqual([3, 2, 2]);
  expect(adaptiveAvgPool2d(ones([0, 3, 4, 5]), { outputSize: 2 }).shape).toEqual([0, 3, 2, 2]);
});

test('the layer', () => {
  const layer = adaptiveAvgPool2dLayer({ outputSize: [7, null] });
  expect(layer.init(key(1), [6, 20, 5])).toEqual({ params: {}, state: {}, outputShape: [6, 7, 5] });
  expect(infer(layer, {}, {}, ones([2, 6, 20, 5])).shape).toEqual([2, 6, 7, 5]);
  expect(layer.window!([6, 20, 5])).toBeNull();
});

test('an image without channels has no means, and as a layer neither', () => {
  const layer = adaptiveAvgPool2dLayer({ outputSize: 2 });
  expect(layer.init(key(1), [0, 4, 4]).outputShape).toEqual([0, 2, 2]);
  expect(layer.apply({}, {}, ones([3, 0, 4, 4]), { train: false })[0].shape).toEqual([3, 0, 2, 2]);
});

test('refusals', () => {
  const size = (outputSize: unknown) => () => adaptiveAvgPool2d(ones([1, 1, 4, 4]), { outputSize } as never);
  const text = 'outputSize must be a number of at least 1, or such a number or null for each of the 2 spatial axes';
  for (const wrong of [0, -1, 1.5, null, undefined, [], [2], [2, 0], [2, 2, 2], ['2', 2]])
    expect(size(wrong)).toThrow(text);
  expect(size([-1, 2])).toThrow(`adaptiveAvgPool2d: ${text}, received [-1, 2]`);
  expect(() => adaptiveAvgPool2dLayer({ outputSize: 0 })).toThrow(OptionError);
  expect(() => adaptiveAvgPool2dLayer({ outputsize: 2 } as never)).toThrow("did you mean 'outputSize'?");
  expect(() => adaptiveAvgPool2d(ones([4, 4]), { outputSize: 2 })).toThrow(
    'adaptiveAvgPool2d: input must have 4 axes [N, C, ...spatial] (received 2).',
  );
  expect(() => adaptiveAvgPool2d(ones([1, 1, 0, 4]), { outputSize: 2 })).toThrow(
    'an axis without elements cannot be shared out (axis 2)',
  );
  expect(() => adaptiveAvgPool2d(ones([1, 1, 4, 4], 'int32'), { outputSize: 2 })).toThrow('must be float32 or float64');
});
