import { valueAndGrad, vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { formatValue, OptionError } from '@lemmata/shape';
import { key, mul, ones, sum, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { lpPool1d, lpPool2d, lpPool2dLayer, lpPool3d } from './index.js';

const line = (...values: number[]): Tensor => tensor([[values]], { dtype: 'float64' });
const values = (t: unknown): number[] => [t].flat(9) as number[];

test('p = 1, 2 and ∞ of a window', () => {
  const pool = (normType: number): unknown => lpPool1d(line(3, -4, 0, 2), { normType, kernelSize: 2 }).toArray();
  expect(pool(1)).toEqual([[[7, 2]]]);
  expect(pool(2)).toEqual([[[5, 2]]]);
  expect(pool(Infinity)).toEqual([[[4, 2]]]);
});

test('P10: |x|, for odd and fractional exponents too', () => {
  expect(values(lpPool1d(line(-1, 2), { normType: 3, kernelSize: 2 }).toArray())[0]).toBeCloseTo(9 ** (1 / 3), 12);
  expect(values(lpPool1d(line(-4, 9), { normType: 0.5, kernelSize: 2 }).toArray())[0]).toBeCloseTo(25, 12);
  expect(values(lpPool1d(line(-1, -1), { normType: 1.5, kernelSize: 2 }).toArray())[0]).toBeCloseTo(2 ** (2 / 3), 12);
});

test('P10: a window of zeros has gradient 0, and so has a zero beside others', () => {
  for (const normType of [0.5, 1, 1.5, 2, 3, Infinity]) {
    const { value, pullback } = vjp((x: Tensor) => lpPool1d(x, { normType, kernelSize: 2 }), line(0, 0, 0, 1));
    expect(value.toArray()).toEqual([[[0, 1]]]);
    const [dx] = pullback(line(5, 1));
    expect(values(dx.toArray()).map((v) => v + 0)).toEqual([0, 0, 0, 1]);
  }
});

test('P10: the gradient of a gradient at zeros is finite', () => {
  const f = (x: Tensor): Tensor =>
    sum(mul(lpPool1d(x, { normType: 3, kernelSize: 2 }), lpPool1d(x, { normType: 3, kernelSize: 2 })));
  const first = (x: Tensor): Tensor => sum(valueAndGrad(f)(x).grads);
  const second = valueAndGrad(first)(line(0, 0, 0, 2)).grads;
  // f = m², whose derivatives along ones are 2m and 2.
  expect(values(second.toArray())[3]).toBeCloseTo(2, 12);
  expect(values(second.toArray()).every(Number.isFinite)).toBe(true);
});

test('P10: the second derivative of a square at a zero beside others is not 0', () => {
  // ∂²√(x² + y²) / ∂x² = y² / (x² + y²)^(3/2), which is 1 / 2 at (0, 2).
  const f = (x: Tensor): Tensor => sum(lpPool1d(x, { normType: 2, kernelSize: 2 }));
  const second = valueAndGrad((x: Tensor) => sum(valueAndGrad(f)(x).grads))(line(0, 2)).grads;
  expect(values(second.toArray())).toEqual([0.5, 0]);
});

test('P10: exponents that are none are refused', () => {
  for (const normType of [0, -1, NaN, -Infinity, undefined, '2']) {
    expect(() => lpPool2d(ones([1, 1, 4, 4]), { normType: normType as never, kernelSize: 2 })).toThrow(
      `lpPool2d: normType must be a number above 0, or Infinity, received ${formatValue(normType)}`,
    );
  }
});

test('P2: what overhangs in ceil mode is made up for', () => {
  const pool = (normType: number): unknown =>
    lpPool1d(line(3, 4, 2), { normType, kernelSize: 2, ceilMode: true }).toArray();
  expect(pool(1)).toEqual([[[7, 4]]]);
  expect(values(pool(2))[1]).toBeCloseTo(Math.sqrt(8), 12);
  // ∞ has nothing to make up for.
  expect(pool(Infinity)).toEqual([[[4, 2]]]);
});

test('zeros of the padding add nothing', () => {
  const x = line(3, 4, 12);
  expect(lpPool1d(x, { normType: 2, kernelSize: 2, padding: 1 }).toArray()).toEqual([[[3, Math.hypot(4, 12)]]]);
});

test('NaN and infinities', () => {
  expect(lpPool1d(line(1, NaN, 3, -Infinity), { normType: 2, kernelSize: 2 }).toArray()).toEqual([[[NaN, Infinity]]]);
  expect(lpPool1d(line(1, NaN, 3, -Infinity), { normType: 3, kernelSize: 2 }).toArray()).toEqual([[[NaN, Infinity]]]);
});

test('ranks, no batch axis, batch 0', () => {
  const options = { normType: 2, kernelSize: 2 };
  expect(lpPool3d(ones([2, 1, 4, 4, 4]), options).shape).toEqual([2, 1, 2, 2, 2]);
  expect(lpPool2d(ones([3, 4, 4]), options).toArray()).toEqual(mul(ones([3, 2, 2]), 2).toArray());
  expect(lpPool2d(ones([0, 3, 4, 4]), options).shape).toEqual([0, 3, 2, 2]);
});

test('the layer', () => {
  const layer = lpPool2dLayer({ normType: 2, kernelSize: 3, stride: 2, padding: 1 });
  expect(layer.init(key(1), [6, 28, 27])).toEqual({ params: {}, state: {}, outputShape: [6, 14, 14] });
  expect(infer(layer, {}, {}, ones([5, 6, 28, 27])).shape).toEqual([5, 6, 14, 14]);
  expect(layer.window!([6, 28, 27])?.[0]).toEqual({ kernel: 3, stride: 2, dilation: 1, padding: [1, 1] });
});

test('refusals', () => {
  expect(() => lpPool2dLayer({ normType: 0, kernelSize: 2 })).toThrow(OptionError);
  expect(() => lpPool2dLayer({ normType: 2, kernelSize: 2, p: 3 } as never)).toThrow("unknown option 'p'");
  expect(() => lpPool2d(ones([1, 1, 2, 2]), { normType: 2, kernelSize: 3 })).toThrow('lpPool2d: 2 problems');
  expect(() => lpPool2d(ones([1, 1, 2, 2], 'int32'), { normType: 2, kernelSize: 2 })).toThrow('float32 or float64');
});
