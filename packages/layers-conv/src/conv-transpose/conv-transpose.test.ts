import { vjp } from '@lemmata/autograd';
import { OptionError, outputPaddingFor } from '@lemmata/shape';
import { ones, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { conv2d } from '../conv/index.js';
import { convTranspose1d, convTranspose2d, convTranspose3d } from './index.js';

function numbers(shape: readonly number[], seed: number): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tensor(
    Float64Array.from({ length: size }, (_, i) => ((i * 7 + seed) % 9) - 4),
    { shape },
  );
}

const dot = (a: Tensor, b: Tensor): number => {
  const other = b.dataSync();
  return Array.from(a.dataSync()).reduce((total, v, i) => total + v * other[i], 0);
};

test('C8: sizes (n − 1)s − 2p + d(k − 1) + outputPadding + 1; outputPadding below max(stride, dilation)', () => {
  const size = (options: object): number => convTranspose1d(ones([1, 1, 4]), ones([1, 1, 3]), null, options).shape[2];
  expect(size({})).toBe(6);
  expect(size({ stride: 2, padding: 1, outputPadding: 1 })).toBe(8);
  expect(size({ dilation: 3 })).toBe(10);
  expect(size({ dilation: 3, outputPadding: 2 })).toBe(12);
  expect(outputPaddingFor({ size: 4, kernel: 3, stride: 2, padding: 1 }, 8)).toBe(1);
  expect(() => size({ stride: 2, outputPadding: 2 })).toThrow(
    'convTranspose1d: outputPadding must be an integer from 0 to 1',
  );
});

test('C8: outputPadding beyond the stride shows what the padding cut off, then zeros', () => {
  const [x, w] = [tensor([[[1, 2, 3]]]), tensor([[[10, 1]]])];
  // 10 20 31 2 3 without padding.
  expect(convTranspose1d(x, w, null, { dilation: 2 }).toArray()).toEqual([[[10, 20, 31, 2, 3]]]);
  expect(convTranspose1d(x, w, null, { dilation: 2, padding: 1 }).toArray()).toEqual([[[20, 31, 2]]]);
  expect(convTranspose1d(x, w, null, { dilation: 2, padding: 1, outputPadding: 1 }).toArray()).toEqual([
    [[20, 31, 2, 3]],
  ]);
  expect(convTranspose1d(x, w, null, { dilation: 2, outputPadding: 1 }).toArray()).toEqual([[[10, 20, 31, 2, 3, 0]]]);
  // Everything that was written to may be cut off.
  const rest = { dilation: 3, padding: [[3, 0]] as const, outputPadding: 1 };
  expect(convTranspose1d(x, tensor([[[1]]]), null, rest).toArray()).toEqual([[[0]]]);
});

test('C9: a kernel of 1 with stride 2 leaves a zero between, and the gradient reads around it', () => {
  const { value, pullback } = vjp(
    (x: Tensor) => convTranspose1d(x, tensor([[[1]]]), null, { stride: 2 }),
    tensor([[[5, 7]]]),
  );
  expect(value.toArray()).toEqual([[[5, 0, 7]]]);
  expect(pullback(tensor([[[1, 2, 3]]]))[0].toArray()).toEqual([[[1, 3]]]);
});

test('C10: the exact adjoint of convolution, on integers', () => {
  const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
  const situation = fc.record({
    kernel: pair(1, 3),
    stride: pair(1, 3),
    dilation: pair(1, 2),
    padding: fc.tuple(pair(0, 2), pair(0, 2)),
    spare: pair(0, 4),
    groups: fc.integer({ min: 1, max: 2 }),
    seed: fc.nat(100),
  });
  fc.assert(
    fc.property(situation, ({ kernel, spare, groups, seed, ...window }) => {
      const span = kernel.map((k, a) => (k - 1) * window.dilation[a] + 1);
      const size = span.map((n, a) => Math.max(1, n - window.padding[a][0] - window.padding[a][1]) + spare[a]);
      const x = numbers([2, 2 * groups, ...size], seed);
      const w = numbers([3 * groups, 2, ...kernel], seed + 1);
      const forward = conv2d(x, w, null, { ...window, groups });
      const y = numbers(forward.shape, seed + 2);
      const outputPadding = size.map((n, a) =>
        outputPaddingFor(
          {
            size: y.shape[a + 2],
            kernel: kernel[a],
            stride: window.stride[a],
            dilation: window.dilation[a],
            padding: window.padding[a],
          },
          n,
        ),
      );
      const back = convTranspose2d(y, w, null, { ...window, groups, outputPadding });
      expect(back.shape).toEqual(x.shape);
      expect(dot(forward, y)).toBe(dot(x, back));
    }),
    { seed: 1 },
  );
});

test('C8: the size that is asked for, in the place of an outputPadding', () => {
  const [x, w] = [numbers([1, 2, 4, 4], 1), numbers([2, 3, 2, 2], 2)];
  const asked = convTranspose2d(x, w, null, { stride: 3, outputSize: [13, 12] });
  expect(asked.shape).toEqual([1, 3, 13, 12]);
  expect(asked.toArray()).toEqual(convTranspose2d(x, w, null, { stride: 3, outputPadding: [2, 1] }).toArray());
  // Dilation counts, and so does a padding that leaves nothing without outputPadding.
  expect(convTranspose1d(ones([1, 1, 3]), ones([1, 1, 2]), null, { dilation: 4, outputSize: 9 }).shape[2]).toBe(9);
  const least = { stride: 3, padding: [[1, 0]] as const, outputSize: 1 };
  expect(convTranspose1d(ones([1, 1, 1]), ones([1, 1, 1]), null, least).shape[2]).toBe(1);
});

test('ranks, bias, groups, no batch axis, batch 0', () => {
  const y = convTranspose2d(ones([2, 3, 3]), ones([2, 1, 2, 2]), tensor([10, 20]), { groups: 2, stride: 2 });
  expect(y.shape).toEqual([2, 6, 6]);
  expect(Array.from(new Set(y.dataSync()))).toEqual([11, 21]);
  expect(convTranspose3d(ones([1, 1, 2, 2, 2]), ones([1, 4, 2, 1, 3])).shape).toEqual([1, 4, 3, 2, 4]);
  expect(convTranspose2d(ones([0, 2, 3, 3]), ones([2, 1, 2, 2])).shape).toEqual([0, 1, 4, 4]);
});

test('refusals', () => {
  expect(() => convTranspose2d(ones([1, 3, 4, 4]), ones([2, 1, 2, 2]))).toThrow(
    'convTranspose2d: the weight reads 2 channels, but the input has 3 (axis 1). Use a weight of [3, O / groups, ...kernel].',
  );
  expect(() => convTranspose2d(ones([1, 2, 4, 4]), ones([2, 1, 2, 2]), null, { padding: 'same' as never })).toThrow(
    'takes its padding as numbers',
  );
  const call = (options: object) => () => convTranspose2d(ones([1, 2, 4, 4]), ones([2, 1, 3, 3]), null, options);
  expect(call({ outSize: 8 })).toThrow(OptionError);
  expect(call({ outputSize: 8 })).toThrow(
    'convTranspose2d: 2 problems\n' +
      '  1. this output size cannot be reached (axis 2, received 8, expected 6).\n' +
      '  2. this output size cannot be reached (axis 3, received 8, expected 6).\n',
  );
  expect(call({ stride: 2, outputSize: [10, 20] })).toThrow('(axis 3, received 20, expected 9 to 10)');
  expect(call({ outputSize: 6, outputPadding: 0 })).toThrow(
    'convTranspose2d: outputSize and outputPadding both choose the size of the output: give one of them',
  );
  expect(call({ paddingMode: 'reflect' })).toThrow("paddingMode must be 'zeros', received 'reflect'");
  expect(call({ outputSize: [6] })).toThrow('outputSize needs one number, or one for each of the 2 spatial axes');
  expect(() => convTranspose2d(ones([1, 2, 4, 4]), ones([2, 1, 3]), null, { outputSize: 6 })).toThrow(
    'weight must have 4 axes',
  );
});
