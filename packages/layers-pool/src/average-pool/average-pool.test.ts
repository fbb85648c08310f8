import { vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { arange, key, ones, reshape, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { avgPool1d, avgPool2d, avgPool2dLayer, avgPool3d } from './index.js';

const line = (...values: number[]): Tensor => tensor([[values]]);

test('the worked example', () => {
  const x = tensor([
    [
      [
        [1, 1, 2, 4],
        [5, 6, 7, 8],
        [3, 2, 1, 0],
        [1, 2, 3, 4],
      ],
    ],
  ]);
  expect(avgPool2d(x, { kernelSize: 2 }).toArray()).toEqual([
    [
      [
        [3.25, 5.25],
        [2, 2],
      ],
    ],
  ]);
});

test('P1: a last window that starts in the padding after the input is dropped', () => {
  const y = avgPool1d(line(1, 2, 3, 4, 5), { kernelSize: 2, padding: 1, ceilMode: true });
  expect(y.toArray()).toEqual([[[0.5, 2.5, 4.5]]]);
});

test('P2: what overhangs in ceil mode does not count', () => {
  expect(avgPool1d(line(1, 2, 3, 4, 5), { kernelSize: 2, ceilMode: true }).toArray()).toEqual([[[1.5, 3.5, 5]]]);
  const x = reshape(arange(49), [1, 1, 7, 7]);
  expect(avgPool2d(x, { kernelSize: 2, stride: 3, ceilMode: true }).toArray()).toEqual([
    [
      [
        [4, 7, 9.5],
        [25, 28, 30.5],
        [42.5, 45.5, 48],
      ],
    ],
  ]);
});

test('P3: padding counts or not, in ceil mode too, and divisorOverride wins over both', () => {
  const x = line(1, 2, 3, 4);
  const pool = (more: object): unknown =>
    avgPool1d(x, { kernelSize: 3, stride: 2, padding: 1, ceilMode: true, ...more }).toArray();
  // Windows (–, 1, 2), (2, 3, 4), (4, –) with one place beyond the padding.
  expect(pool({})).toEqual([[[1, 3, 2]]]);
  expect(pool({ countIncludePad: false })).toEqual([[[1.5, 3, 4]]]);
  for (const countIncludePad of [true, false]) {
    expect(pool({ countIncludePad, divisorOverride: 2 })).toEqual([[[1.5, 4.5, 2]]]);
  }
});

test('the gradient is the adjoint: shares add up where windows overlap', () => {
  const { pullback } = vjp((x: Tensor) => avgPool1d(x, { kernelSize: 2, stride: 1 }), line(1, 2, 3));
  expect(pullback(line(2, 4))[0].toArray()).toEqual([[[1, 3, 2]]]);
});

test('NaN and infinities pass through', () => {
  expect(avgPool1d(line(1, NaN, 3, Infinity), { kernelSize: 2 }).toArray()).toEqual([[[NaN, Infinity]]]);
});

test('ranks, and no batch axis', () => {
  expect(avgPool3d(ones([2, 1, 4, 4, 4]), { kernelSize: [2, 2, 4] }).shape).toEqual([2, 1, 2, 2, 1]);
  expect(avgPool2d(ones([3, 4, 4]), { kernelSize: 2 }).toArray()).toEqual(ones([3, 2, 2]).toArray());
  expect(avgPool2d(ones([0, 3, 4, 4]), { kernelSize: 2 }).shape).toEqual([0, 3, 2, 2]);
});

test('the layer', () => {
  const layer = avgPool2dLayer({ kernelSize: 3, stride: 2, padding: 1 });
  const { params, state, outputShape } = layer.init(key(1), [6, 28, 27]);
  expect([params, state, outputShape]).toEqual([{}, {}, [6, 14, 14]]);
  expect(infer(layer, params, state, ones([5, 6, 28, 27])).shape).toEqual([5, 6, 14, 14]);
  expect(layer.window!([6, 28, 27])?.[1]).toEqual({ kernel: 3, stride: 2, dilation: 1, padding: [1, 1] });
});

test('refusals', () => {
  expect(() => avgPool2dLayer({ kernelSize: 2, dilation: 2 } as never)).toThrow(OptionError);
  expect(() => avgPool2dLayer({ kernelSize: 2, divisorOverride: 0 })).toThrow(
    'divisorOverride must be a finite number other than 0, received 0',
  );
  expect(() => avgPool2dLayer({ kernelSize: 2, countIncludePad: 'no' as never })).toThrow(
    "countIncludePad must be true or false, received 'no'",
  );
  expect(() => avgPool2d(ones([1, 1, 4, 4], 'int32'), { kernelSize: 2 })).toThrow(
    "averagePool: x must be float32 or float64 (received 'int32'). Convert with cast.",
  );
  expect(() => avgPool2d(ones([1, 1, 2, 2]), { kernelSize: 5, padding: 1 })).toThrow('avgPool2d: 2 problems');
});
