import { valueAndGrad, vjp } from '@lemmata/autograd';
import { infer } from '@lemmata/nn';
import { OptionError, ValueError } from '@lemmata/shape';
import { key, mul, ones, square, sum, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { embedding, embeddingLayer, type EmbeddingOptions } from './index.js';

const weight = tensor([
  [1, 2],
  [3, 4],
  [5, 6],
]);

test('the row of each index', () => {
  expect(embedding([[2, 0]], weight).toArray()).toEqual([
    [
      [5, 6],
      [1, 2],
    ],
  ]);
  expect(embedding(tensor(1, { dtype: 'int32' }), weight).toArray()).toEqual([3, 4]);
  expect(embedding([], weight).shape).toEqual([0, 2]);
});

const gradient = (indices: number[], upstream: number[][], options?: EmbeddingOptions): unknown =>
  vjp((w: Tensor) => embedding(indices, w, options), weight)
    .pullback(tensor(upstream))[0]
    .toArray();

test('A4: the gradients of a row that is looked up twice add up', () => {
  const table = tensor([[0.1]], { dtype: 'float64' });
  const dy = tensor([[0.2], [0.3]], { dtype: 'float64' });
  expect(
    vjp((w: Tensor) => embedding([0, 0], w), table)
      .pullback(dy)[0]
      .toArray(),
  ).toEqual([[0.5]]);
});

test('A4: the padding row receives no gradient, among many indices too', () => {
  const upstream = [
    [1, 1],
    [2, 2],
    [4, 4],
  ];
  const expected = [
    [2, 2],
    [0, 0],
    [5, 5],
  ];
  expect(gradient([2, 0, 2], upstream)).toEqual(expected);
  expect(gradient([2, 0, 2], upstream, { paddingIdx: 1 })).toEqual(expected);
  expect(gradient([2, 0, 2], upstream, { paddingIdx: 2 })).toEqual([
    [2, 2],
    [0, 0],
    [0, 0],
  ]);
  expect(gradient([2, 0, 2], upstream, { paddingIdx: -3 })).toEqual([
    [0, 0],
    [0, 0],
    [5, 5],
  ]);
  const many = tensor(Int32Array.from({ length: 5000 }, (_, i) => i % 3));
  const loss = (w: Tensor): Tensor => sum(embedding(many, w, { paddingIdx: 0 }));
  expect(valueAndGrad(loss)(weight).grads.toArray()).toEqual([
    [0, 0],
    [1667, 1667],
    [1666, 1666],
  ]);
});

test('the mean over the occurrences instead of the sum', () => {
  const upstream = [
    [1, 1],
    [2, 2],
    [4, 4],
  ];
  expect(gradient([2, 0, 2], upstream, { scaleGradByFreq: true })).toEqual([
    [2, 2],
    [0, 0],
    [2.5, 2.5],
  ]);
});

test('A4: an index that names no row throws', () => {
  expect(() => embedding([0, 3], weight)).toThrow(
    'embedding: index 3 is out of range for the 3 rows of weight; indices count from 0 to 2',
  );
  expect(() => embedding([-1], weight)).toThrow(ValueError);
  expect(() => embedding([0], zeros([0, 2]))).toThrow(
    'index 0 is out of range for the 0 rows of weight; there is none',
  );
});

test('a second derivative', () => {
  const f = (w: Tensor): Tensor => sum(mul(square(embedding([0, 0, 1], w)), embedding([0, 0, 1], w)));
  const first = (w: Tensor): Tensor => sum(valueAndGrad(f)(w).grads);
  // 3w² for each occurrence, and 6w.
  expect(valueAndGrad(first)(weight).grads.toArray()).toEqual([
    [12, 24],
    [18, 24],
    [0, 0],
  ]);
});

test('the layer', () => {
  const layer = embeddingLayer({ numEmbeddings: 100, embeddingDim: 50, paddingIdx: 3 });
  const { params, state, outputShape } = layer.init(key(1), [7]);
  expect([params.weight.shape, state, outputShape]).toEqual([[100, 50], {}, [7, 50]]);
  const values = [...params.weight.dataSync()];
  expect(values.slice(150, 200).every((v) => v === 0)).toBe(true);
  const square = values.reduce((total, v) => total + v * v, 0) / (99 * 50);
  expect(square).toBeGreaterThan(0.9);
  expect(square).toBeLessThan(1.1);
  const x = tensor([[3, 99]], { dtype: 'int32' });
  expect(infer(layer, params, state, x).shape).toEqual([1, 2, 50]);
});

test('refusals', () => {
  expect(() => embedding(ones([2]), weight)).toThrow(
    "embedding: indices must be int32 (received 'float32'). Convert with cast(indices, 'int32').",
  );
  expect(() => embedding([1.5], weight)).toThrow('int32 cannot hold 1.5');
  expect(() => embedding([0], ones([3]))).toThrow('weight must be [rows, features] (received 1)');
  expect(() => embedding([0], weight, { paddingIdx: 3 })).toThrow(
    'embedding: paddingIdx must name one of the 3 rows, received 3',
  );
  expect(() => embedding([0], weight, { padding: 3 } as never)).toThrow("unknown option 'padding'");
  expect(() => embedding([0], weight, { scaleGradByFreq: 1 as never })).toThrow(
    'scaleGradByFreq must be true or false',
  );
  expect(() => embeddingLayer({ numEmbeddings: 0, embeddingDim: 1.5 })).toThrow(
    'embeddingLayer: 2 problems\n  1. numEmbeddings must be a positive integer, received 0',
  );
  expect(() => embeddingLayer({ numEmbeddings: 4, embeddingDim: 2, paddingIdx: -5 })).toThrow(OptionError);
  expect(() => embeddingLayer({ numEmbeddings: 4, embeddingDim: 2, maxNorm: 1 } as never)).toThrow('maxNorm');
});
