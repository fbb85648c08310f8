import { concat, exp, key, mul, randomNormal, sum, tensor, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { elboParts, negativeElbo, vaeParts } from './index.js';

const [images, latent] = [zeros([3, 1, 28, 28]), 4];

test('by hand: logits of 0 say ½ of every pixel, and a posterior N(0, 1) is the prior', () => {
  const { missed, divergence } = elboParts(zeros([3, 784 + 2 * latent]), images);
  expect([missed.shape, divergence.shape]).toEqual([[3], [3]]);
  for (const v of missed.dataSync()) expect(v).toBeCloseTo(784 * Math.LN2, 2);
  for (const v of divergence.dataSync()) expect(v).toBe(0);
});

test('by hand: N(3, 1) is 9/2 nats from the prior, N(0, e²) is (e² − 3)/2', () => {
  const row = (mean: number, logVariance: number): number[] => [0, mean, logVariance];
  const output = tensor([row(3, 0), row(0, 2)], { dtype: 'float64' });
  const [a, b] = elboParts(output, zeros([2, 1, 1, 1], 'float64')).divergence.dataSync();
  expect(a).toBeCloseTo(4.5, 12);
  expect(b).toBeCloseTo((Math.exp(2) - 3) / 2, 12);
});

test('the divergence is never negative, and beta weighs it in the loss', () => {
  const logits = zeros([5, 784]);
  const posterior = randomNormal(key(4), [5, 2 * latent]);
  const output = concat([logits, posterior], 1);
  const five = zeros([5, 1, 28, 28]);
  const { divergence } = elboParts(output, five);
  for (const v of divergence.dataSync()) expect(v).toBeGreaterThan(0);
  const mean = Array.from(divergence.dataSync()).reduce((x, y) => x + y, 0) / 5;
  const loss = (beta: number): number => negativeElbo(output, five, { beta }).item();
  expect(loss(1) - loss(0)).toBeCloseTo(mean, 3);
  expect(loss(2) - loss(0)).toBeCloseTo(2 * mean, 3);
  // The parts are what the formula says of the row's own numbers.
  const { mean: mu, logVariance } = vaeParts(output, [1, 28, 28]);
  const bySum = sum(mul(mu, mu), { axis: 1 }).dataSync();
  const variances = sum(exp(logVariance), { axis: 1 }).dataSync();
  const logs = sum(logVariance, { axis: 1 }).dataSync();
  divergence
    .dataSync()
    .forEach((v: number, i: number) => expect(v).toBeCloseTo((bySum[i]! + variances[i]! - logs[i]! - latent) / 2, 4));
});

test('rows that hold no image and two numbers for each latent variable are refused', () => {
  for (const shape of [[3], [3, 784], [3, 785], [3, 787], [3, 786, 1]])
    expect(() => vaeParts(zeros(shape), [1, 28, 28])).toThrow(
      /vaeParts: .*the output must be \[N, 784 \+ 2 · latent\] for images \[1, 28, 28\]/,
    );
  expect(vaeParts(zeros([3, 786]), [1, 28, 28]).mean.shape).toEqual([3, 1]);
});
