import { key as keyOf } from '@lemmata/random';
import { key, randomNormal, zeros, zerosLike } from '@lemmata/tensor';
import { map } from '@lemmata/tree';
import { expect, test } from 'vitest';
import { binarised } from './binarised.js';
import { elbo, init, LATENTS } from './vae.js';

test('by hand: a network of zeros says ½ of every pixel and N(0, 1) of every latent', () => {
  const params = map((t: never) => zerosLike(t), init(key(0)).params as never) as never;
  const { error, divergence } = elbo(params, zeros([3, 784]), randomNormal(key(1), [3, LATENTS]));
  expect(error.shape).toEqual([3]);
  for (const v of error.dataSync()) expect(v).toBeCloseTo(784 * Math.LN2, 2);
  for (const v of divergence.dataSync()) expect(v).toBeCloseTo(0, 6);
});

test('the divergence is never negative', () => {
  const { divergence } = elbo(init(key(4)).params, zeros([2, 784]), randomNormal(key(1), [2, LATENTS]));
  for (const v of divergence.dataSync()) expect(v).toBeGreaterThan(0);
});

test('D2: a pixel is 1 as often as it is bright, drawn by key, epoch and index alone', () => {
  const image = { data: new Uint8Array(2 * 784).fill(64), shape: [2, 1, 28, 28] };
  const draw = binarised(keyOf(5));
  const at = (epoch: number, indices: number[]) =>
    draw({ image }, { epoch, step: 0, indices: Int32Array.from(indices) }).x.data;
  const both = at(0, [7, 9]);
  expect(both.reduce((a, b) => a + b, 0) / both.length).toBeCloseTo(64 / 255, 1);
  expect(at(0, [9, 7]).subarray(0, 784)).toEqual(both.subarray(784));
  expect(at(1, [7, 9])).not.toEqual(both);
  expect([...new Set(both)].sort()).toEqual([0, 1]);
});
