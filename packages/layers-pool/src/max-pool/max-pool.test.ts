import { valueAndGrad, vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { OptionError, ShapeError } from '@lemmata/shape';
import { key, mul, ones, sum, tensor, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import {
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dLayer,
  maxPool2dWithIndices,
  maxPool3d,
  type MaxPoolOptions,
  pick,
  unpool,
} from './index.js';

const line = (...values: number[]): Tensor => tensor([[values]]);

function gradient(x: Tensor, options: MaxPoolOptions, upstream?: Tensor): Tensor {
  const pool = [maxPool1d, maxPool2d, maxPool3d][x.rank - 3];
  const { value, pullback } = vjp((a: Tensor) => pool(a, options), x);
  return pullback(upstream ?? ones(value.shape, value.dtype as 'float32'))[0];
}

test('the worked example', () => {
  const x = tensor([
    [1, 1, 2, 4],
    [5, 6, 7, 8],
    [3, 2, 1, 0],
    [1, 2, 3, 4],
  ]);
  const options = { kernelSize: 2 };
  const image = tensor([[x.toArray() as number[][]]]);
  expect(maxPool2d(image, options).toArray()).toEqual([
    [
      [
        [6, 8],
        [3, 4],
      ],
    ],
  ]);
  expect(maxPool2dWithIndices(image, options).indices.toArray()).toEqual([
    [
      [
        [5, 7],
        [8, 15],
      ],
    ],
  ]);
  expect(
    gradient(
      image,
      options,
      tensor([
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ]),
    ).toArray(),
  ).toEqual([
    [
      [
        [0, 0, 0, 0],
        [0, 1, 0, 2],
        [3, 0, 0, 0],
        [0, 0, 0, 4],
      ],
    ],
  ]);
});

test('P1: a last window that starts in the padding after the input is dropped', () => {
  const options = { kernelSize: 2, stride: 2, padding: 1, ceilMode: true };
  expect(maxPool1d(line(1, 2, 3, 4, 5), options).toArray()).toEqual([[[1, 3, 5]]]);
  // Without ceil mode an overhanging window is left out.
  expect(maxPool1d(line(1, 2, 3, 4, 5), { kernelSize: 2 }).toArray()).toEqual([[[2, 4]]]);
  expect(maxPool1d(line(1, 2, 3, 4, 5), { kernelSize: 2, ceilMode: true }).toArray()).toEqual([[[2, 4, 5]]]);
});

test('P4: padding above half the kernel is refused, and a window that would read padding alone', () => {
  expect(() => maxPool2d(ones([1, 1, 6, 6]), { kernelSize: 2, padding: 2 })).toThrow(
    "maxPool2d: 2 problems\n  1. padding must be at most 1, half the kernel's span of 2 (axis 2, received [2, 2]).",
  );
  expect(() => maxPool2d(ones([1, 1, 1, 6]), { kernelSize: 2, dilation: 2, padding: [1, 0] })).toThrow(
    /reads only padding/,
  );
});

test('P5: NaN anywhere in a window gives NaN, and the index points at it', () => {
  for (const at of [0, 1, 2, 3]) {
    const values = [1, 7, 5, 6];
    values[at] = NaN;
    const pooled = maxPool1dWithIndices(line(...values), { kernelSize: 4 });
    expect(pooled.values.toArray()).toEqual([[[NaN]]]);
    expect(pooled.indices.toArray()).toEqual([[[at]]]);
  }
});

test('P5: of several NaN the index is that of the last, in windows of any size', () => {
  const pooled = (kernelSize: number, ...values: number[]): unknown => {
    const { values: largest, indices } = maxPool1dWithIndices(line(...values), { kernelSize });
    return [largest.item(), indices.item()];
  };
  expect(pooled(3, NaN, 2, NaN)).toEqual([NaN, 2]);
  expect(pooled(3, 1, NaN, 2)).toEqual([NaN, 1]);
  expect(pooled(4, NaN, 5, NaN, 7)).toEqual([NaN, 2]);
  expect(pooled(4, Infinity, NaN, -Infinity, Infinity)).toEqual([NaN, 1]);
  expect(pooled(5, NaN, NaN, NaN, NaN, 9)).toEqual([NaN, 3]);
});

test('P6: a window of −∞ gives −∞ with an index in it, and the gradient goes to one element', () => {
  const x = line(-Infinity, -Infinity, -Infinity, 1);
  const pooled = maxPool1dWithIndices(x, { kernelSize: 2, padding: 1, stride: 1 });
  expect(pooled.values.toArray()).toEqual([[[-Infinity, -Infinity, -Infinity, 1, 1]]]);
  expect(pooled.indices.toArray()).toEqual([[[0, 0, 1, 3, 3]]]);
  expect(gradient(x, { kernelSize: 2 }).toArray()).toEqual([[[1, 0, 0, 1]]]);
});

test('P7: padding is −∞, not 0', () => {
  expect(maxPool1d(line(-3, -2, -1), { kernelSize: 2, stride: 1, padding: 1 }).toArray()).toEqual([[[-3, -2, -1, -1]]]);
});

test('P8: of equal elements the first takes the gradient; overlapping windows add up', () => {
  expect(gradient(line(2, 2, 2, 2), { kernelSize: 2 }).toArray()).toEqual([[[1, 0, 1, 0]]]);
  const peak = tensor([
    [
      [
        [0, 0, 0],
        [0, 5, 0],
        [0, 0, 0],
      ],
    ],
  ]);
  expect(gradient(peak, { kernelSize: 2, stride: 1 }).toArray()).toEqual([
    [
      [
        [0, 0, 0],
        [0, 4, 0],
        [0, 0, 0],
      ],
    ],
  ]);
});

test('P9: gradient with padding on one side and with same', () => {
  const x = line(4, 1, 3, 2, 5);
  expect(maxPool1d(x, { kernelSize: 2, padding: [[0, 1]] }).toArray()).toEqual([[[4, 3, 5]]]);
  expect(gradient(x, { kernelSize: 2, padding: [[0, 1]] }, line(1, 2, 3)).toArray()).toEqual([[[1, 0, 2, 0, 3]]]);
  expect(maxPool1d(x, { kernelSize: 3, stride: 1, padding: 'same' }).toArray()).toEqual([[[4, 4, 3, 5, 5]]]);
  expect(gradient(x, { kernelSize: 3, stride: 1, padding: 'same' }, line(1, 2, 3, 4, 5)).toArray()).toEqual([
    [[3, 0, 3, 0, 9]],
  ]);
});

test('P9: a second derivative', () => {
  // f(x) = Σ pool(x)³: the gradient is 3m² at each maximum m, and its derivative along ones 6m.
  const x = line(1, 3, 4, 2);
  const f = (a: Tensor): Tensor => {
    const m = maxPool1d(a, { kernelSize: 2 });
    return sum(mul(m, mul(m, m)));
  };
  const first = (a: Tensor): Tensor => sum(valueAndGrad(f)(a).grads);
  expect(valueAndGrad(f)(x).grads.toArray()).toEqual([[[0, 27, 48, 0]]]);
  expect(valueAndGrad(first)(x).grads.toArray()).toEqual([[[0, 18, 24, 0]]]);
});

test('P12: the stride is the kernel by default', () => {
  expect(maxPool2d(ones([1, 1, 9, 8]), { kernelSize: [3, 2] }).shape).toEqual([1, 1, 3, 4]);
});

test('C14: nothing is square, with dilation', () => {
  const x = tensor([
    [
      [
        [1, 9, 2, 8],
        [3, 4, 5, 6],
        [7, 0, 1, 2],
      ],
    ],
  ]);
  const { values, indices } = maxPool2dWithIndices(x, {
    kernelSize: [2, 2],
    dilation: [2, 1],
    stride: [1, 2],
    padding: [
      [0, 0],
      [1, 0],
    ],
  });
  // Rows 0 and 2; columns −1 and 0, 1 and 2.
  expect(values.toArray()).toEqual([[[[7, 9]]]]);
  expect(indices.toArray()).toEqual([[[[8, 1]]]]);
});

test('one, three and no batch axes; integers', () => {
  expect(maxPool3d(ones([2, 1, 4, 4, 4]), { kernelSize: [2, 2, 4] }).shape).toEqual([2, 1, 2, 2, 1]);
  expect(maxPool2d(ones([3, 4, 4]), { kernelSize: 2 }).shape).toEqual([3, 2, 2]);
  const integers = maxPool1d(tensor([[[1, -2, 3, -4]]], { dtype: 'int32' }), { kernelSize: 2 });
  expect([integers.dtype, integers.toArray()]).toEqual(['int32', [[[1, 3]]]]);
  expect(maxPool2d(ones([0, 3, 4, 4]), { kernelSize: 2 }).shape).toEqual([0, 3, 2, 2]);
});

test('the layer', () => {
  const layer = maxPool2dLayer({ kernelSize: 2 });
  const { params, state, outputShape } = layer.init(key(1), [6, 28, 28]);
  expect([params, state, outputShape]).toEqual([{}, {}, [6, 14, 14]]);
  expect(infer(layer, params, state, ones([5, 6, 28, 28])).shape).toEqual([5, 6, 14, 14]);
  expect(layer.window!([6, 28, 28])?.[0]).toEqual({ kernel: 2, stride: 2, dilation: 1, padding: [0, 0] });
});

test('refusals', () => {
  expect(() => maxPool2dLayer({ kernel: 2 } as never)).toThrow(OptionError);
  expect(() => maxPool2dLayer({ kernelsize: 2 } as never)).toThrow(
    "unknown option 'kernelsize'; did you mean 'kernelSize'?",
  );
  expect(() => maxPool2d(ones([4, 4]), { kernelSize: 2 })).toThrow(
    'maxPool2d: input must have 4 axes [N, C, ...spatial] (received 2).',
  );
  expect(() => maxPool2d(ones([1, 0, 4, 4]), { kernelSize: 2 })).toThrow(
    'maxPool2d: input must have at least one channel (axis 1, received 0).',
  );
  expect(() => maxPool2dLayer({ kernelSize: 5 }).init(key(1), [1, 4, 4])).toThrow(ShapeError);
  const indices = tensor([[[4]]], { dtype: 'int32' });
  expect(() => pick(line(1, 2), indices)).toThrow('pick: index 4 lies outside a plane of 2 elements');
  expect(() => unpool(line(1), indices, [2])).toThrow('unpool: index 4 lies outside a plane of 2 elements');
});
