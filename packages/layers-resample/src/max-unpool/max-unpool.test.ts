import { vjp } from '@lemmata/autograd';
import { OptionError, ShapeError } from '@lemmata/shape';
import { ones, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { maxUnpool1d, maxUnpool2d, maxUnpool3d } from './index.js';

const places = (values: number[][][]): Tensor => tensor(values, { dtype: 'int32' });

test('each maximum goes back to its place', () => {
  // The maxima of [[1, 2, 9, 3], [4, 5, 1, 1], [7, 0, 0, 2], [1, 1, 6, 1]].
  const [x, indices] = [
    tensor([
      [
        [5, 9],
        [7, 6],
      ],
    ]),
    places([
      [
        [5, 2],
        [8, 14],
      ],
    ]),
  ];
  const y = [
    [
      [0, 0, 9, 0],
      [0, 5, 0, 0],
      [7, 0, 0, 0],
      [0, 0, 6, 0],
    ],
  ];
  expect(maxUnpool2d(x, indices, { kernelSize: 2 }).toArray()).toEqual(y);
});

test('P11: equal indices put an element back once; the last stays, and it alone has a gradient', () => {
  const [x, indices] = [tensor([[[1, 5, 5, 2]]]), places([[[0, 2, 2, 4]]])];
  const options = { kernelSize: 2, stride: 1 };
  const { value, pullback } = vjp((a: Tensor) => maxUnpool1d(a, indices, options), x);
  expect(value.toArray()).toEqual([[[1, 0, 5, 0, 2]]]);
  expect(pullback(tensor([[[1, 2, 3, 4, 5]]]))[0].toArray()).toEqual([[[1, 0, 3, 5]]]);
});

test('sizes that pooling rounds away are asked for', () => {
  const [x, indices] = [tensor([[[3, 7]]]), places([[[1, 2]]])];
  expect(maxUnpool1d(x, indices, { kernelSize: 2 }).toArray()).toEqual([[[0, 3, 7, 0]]]);
  expect(maxUnpool1d(x, indices, { kernelSize: 2, outputSize: [5] }).toArray()).toEqual([[[0, 3, 7, 0, 0]]]);
  expect(maxUnpool1d(x, indices, { kernelSize: 3, stride: 2, padding: 1 }).toArray()).toEqual([[[0, 3, 7]]]);
  expect(() => maxUnpool1d(x, indices, { kernelSize: 2, outputSize: [6] })).toThrow(
    'maxUnpool1d: outputSize must be a size that is pooled to that of x (axis 2, received 6, expected 3 to 5).',
  );
});

test('one image, three axes, an empty batch', () => {
  expect(maxUnpool2d(ones([2, 1, 1]), zeros([2, 1, 1], 'int32'), { kernelSize: [1, 2] }).toArray()).toEqual([
    [[1, 0]],
    [[1, 0]],
  ]);
  expect(maxUnpool3d(ones([1, 1, 1, 1, 1]), zeros([1, 1, 1, 1, 1], 'int32'), { kernelSize: 2 }).shape).toEqual([
    1, 1, 2, 2, 2,
  ]);
  expect(maxUnpool1d(zeros([0, 2, 3]), zeros([0, 2, 3], 'int32'), { kernelSize: 2 }).shape).toEqual([0, 2, 6]);
});

test('refusals', () => {
  const x = ones([1, 1, 2]);
  expect(() => maxUnpool1d(x, places([[[0, 4]]]), { kernelSize: 2 })).toThrow('index 4 is out of range');
  expect(() => maxUnpool1d(x, places([[[0]]]), { kernelSize: 2 })).toThrow(
    'indices must have the shape of x (received [1, 1, 1]',
  );
  expect(() => maxUnpool1d(x, x, { kernelSize: 2 })).toThrow("indices must be int32 (received 'float32')");
  expect(() => maxUnpool2d(ones([2, 2]), zeros([2, 2], 'int32'), { kernelSize: 2 })).toThrow(
    'x must have 2 spatial axes',
  );
  expect(() => maxUnpool1d(x, places([[[0, 1]]]), { kernelSize: 2, outputSize: [4, 4] })).toThrow(ShapeError);
  expect(() => maxUnpool1d(x, places([[[0, 1]]]), { kernelSize: 2, padding: 3 })).toThrow(
    'padding must leave something of what was pooled, (n − 1)s − 2p + k (axis 2, received -2, expected at least 1)',
  );
  expect(() => maxUnpool1d(x, places([[[0, 1]]]), { kernelSize: 2, padding: 3, outputSize: [0] })).toThrow(ShapeError);
  expect(() => maxUnpool1d(x, places([[[0, 1]]]), { kernelSize: 2, ceilMode: true } as never)).toThrow(OptionError);
});
