import { visionTransformer } from '@lemmata/architectures/vision-transformer';
import { infer } from '@lemmata/nn';
import { key, randomNormal, tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { attentionWeights, NUM_HEADS, patchMaps } from './attention.js';

test('the walk ends where the network does, and every token hands out 1', () => {
  const model = visionTransformer({
    imageSize: 28,
    patchSize: 4,
    embedDim: 8,
    depth: 2,
    numHeads: NUM_HEADS,
    classes: 3,
  });
  const { params, state } = model.init(key(3), [1, 28, 28]);
  const x = randomNormal(key(4), [2, 1, 28, 28]);
  const { weights, logits } = attentionWeights(model, params, state, x);
  expect(logits.toArray()).toEqual(infer(model, params, state, x).toArray());
  expect(weights.map(({ shape }) => shape)).toEqual([
    [2, NUM_HEADS, 50, 50],
    [2, NUM_HEADS, 50, 50],
  ]);
  for (const w of weights) {
    const values = w.dataSync();
    for (let row = 0; row < values.length / 50; row++)
      expect(Array.from(values.subarray(row * 50, row * 50 + 50)).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  }
});

test('by hand: a map has the first row’s weights at the places of their patches, the mean over the heads', () => {
  const [heads, tokens] = [2, 50];
  const values = new Float32Array(heads * tokens * tokens);
  // The class token attends to itself, to the first patch, and to the second of the second row; other rows do not matter.
  [values[0], values[1], values[1 + 8]] = [0.5, 0.2, 0.3];
  values[tokens * tokens + 1] = 0.6;
  values[tokens + 3] = 1;
  const [map] = patchMaps(tensor(values, { shape: [1, heads, tokens, tokens] }));
  const at = (y: number, x: number): number => map![y * 28 + x]!;
  expect([at(0, 0), at(3, 3), at(4, 4), at(7, 7), at(0, 4), at(8, 8)].map((v) => Number(v.toFixed(6)))).toEqual([
    0.4, 0.4, 0.15, 0.15, 0, 0,
  ]);
});
