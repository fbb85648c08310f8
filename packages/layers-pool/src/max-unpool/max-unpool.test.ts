import { vjp } from '@lemmata/autograd';
import { OptionError } from '@lemmata/shape';
import { ones, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { maxPool1dWithIndices, maxPool2dWithIndices, maxPool3dWithIndices } from '../max-pool/index.js';
import { maxUnpool1d, maxUnpool2d, maxUnpool3d } from './index.js';

const int = (values: number[][][]): Tensor => tensor(values, { dtype: 'int32' });

test('the largest elements stay where they were, and the others become 0', () => {
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
  const { values, indices } = maxPool2dWithIndices(x, { kernelSize: 2 });
  expect(maxUnpool2d(values, indices, { kernelSize: 2 }).toArray()).toEqual([
    [
      [
        [0, 0, 0, 0],
        [0, 6, 0, 8],
        [3, 0, 0, 0],
        [0, 0, 0, 4],
      ],
    ],
  ]);
});

test('outputSize: 9 and 8 pool to the same size', () => {
  const { values, indices } = maxPool1dWithIndices(ones([1, 1, 9]), { kernelSize: 2 });
  expect(maxUnpool1d(values, indices, { kernelSize: 2 }).shape).toEqual([1, 1, 8]);
  expect(maxUnpool1d(values, indices, { kernelSize: 2, outputSize: 9 }).toArray()).toEqual([
    [[1, 0, 1, 0, 1, 0, 1, 0, 0]],
  ]);
  expect(() => maxUnpool1d(values, indices, { kernelSize: 2, outputSize: 10 })).toThrow(
    'maxUnpool1d: no pooling with these options came from this size (axis 0, received 10, expected 7 to 9).',
  );
});

test('stride and padding', () => {
  const x = tensor([[[4, 1, 3, 2, 5]]]);
  const options = { kernelSize: 3, stride: 2, padding: 1 };
  const { values, indices } = maxPool1dWithIndices(x, options);
  expect(values.toArray()).toEqual([[[4, 3, 5]]]);
  expect(maxUnpool1d(values, indices, options).toArray()).toEqual([[[4, 0, 3, 0, 5]]]);
});

test('P11: an index that occurs twice keeps one value, the last, and its gradient', () => {
  const { value, pullback } = vjp(
    (x: Tensor) => maxUnpool1d(x, int([[[1, 1, 4]]]), { kernelSize: 2, outputSize: 6 }),
    tensor([[[7, 8, 9]]]),
  );
  expect(value.toArray()).toEqual([[[0, 8, 0, 0, 9, 0]]]);
  expect(pullback(tensor([[[1, 2, 3, 4, 5, 6]]]))[0].toArray()).toEqual([[[0, 2, 5]]]);
  // A peak that overlapping windows share is itself, not twice itself.
  const peak = maxPool1dWithIndices(tensor([[[0, 5, 0]]]), { kernelSize: 2, stride: 1 });
  expect(maxUnpool1d(peak.values, peak.indices, { kernelSize: 2, stride: 1 }).toArray()).toEqual([[[0, 5, 0]]]);
});

test('ranks, no batch axis, channels apart, batch 0', () => {
  const volume = maxPool3dWithIndices(ones([2, 3, 4, 4, 4]), { kernelSize: 2 });
  expect(maxUnpool3d(volume.values, volume.indices, { kernelSize: 2 }).shape).toEqual([2, 3, 4, 4, 4]);
  const one = maxUnpool1d(tensor([[1], [2]]), tensor([[0], [1]], { dtype: 'int32' }), { kernelSize: 2 });
  expect(one.toArray()).toEqual([
    [1, 0],
    [0, 2],
  ]);
  expect(maxUnpool1d(zeros([0, 2, 3]), zeros([0, 2, 3], 'int32'), { kernelSize: 2 }).shape).toEqual([0, 2, 6]);
});

test('refusals', () => {
  const [x, indices] = [ones([1, 1, 2]), int([[[0, 3]]])];
  expect(() => maxUnpool1d(x, int([[[0, 1, 2]]]), { kernelSize: 2 })).toThrow('indices must have the shape of x');
  expect(() => maxUnpool1d(x, ones([1, 1, 2]), { kernelSize: 2 })).toThrow('indices must be int32');
  expect(() => maxUnpool2d(ones([2, 2]), zeros([2, 2], 'int32'), { kernelSize: 2 })).toThrow(
    'maxUnpool2d: x must have 4 axes [N, C, ...spatial], or 3 without N (received 2).',
  );
  expect(() => maxUnpool1d(x, int([[[0, 4]]]), { kernelSize: 2 })).toThrow(RangeError);
  expect(() => maxUnpool1d(x, indices, { kernelSize: 0 })).toThrow('kernelSize must be integers of at least 1');
  expect(() => maxUnpool1d(x, indices, { kernelSize: 2, padding: 3 })).toThrow('no pooling with these options');
  expect(() => maxUnpool1d(x, indices, { kernelSize: 2, size: 3 } as never)).toThrow(OptionError);
});
