import { lenet5 } from '@lemmata/architectures/lenet5';
import { reluLayer } from '@lemmata/layers-activation';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { functionLayer, sequential } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { key, randomUniform, reshape, type Tensor } from '@lemmata/tensor';
import { leaves } from '@lemmata/tree';
import { expect, test } from 'vitest';
import { adversarial } from './adversarial.js';
import { judgeSamples } from './judge.js';

const generator = sequential({
  fc1: linearLayer({ outFeatures: 8 }),
  relu: reluLayer(),
  fc2: linearLayer({ outFeatures: 4 }),
  shape: functionLayer(
    'shape',
    (x) => reshape(x, [x.shape[0]!, 1, 2, 2]),
    () => [1, 2, 2],
  ),
});
const discriminator = sequential({ flatten: flattenLayer(), fc: linearLayer({ outFeatures: 1 }) });
const game = adversarial({
  generator,
  discriminator,
  optimizer: sgd({ learningRate: 0.1 }),
  latent: 3,
  imageShape: [1, 2, 2],
});
const bits = (tree: unknown): number[][] =>
  (leaves<unknown>(tree as never) as Tensor[]).map((t) => Array.from(t.dataSync()));

test('a step moves both networks and the key, and the same seed plays the same game', () => {
  const real = randomUniform(key(3), [6, 4]);
  const before = game.start(5);
  const [after, sums] = game.step(before, real);
  for (const part of ['generator', 'discriminator', 'key'] as const)
    expect(bits(after[part])).not.toEqual(bits(before[part]));
  expect(bits(game.step(game.start(5), real)[0])).toEqual(bits(after));
  // Of six real and six drawn images at most all are told right.
  expect(sums.metrics['discriminator right']!.item()).toBeLessThanOrEqual(6);
  expect(Number.isFinite(sums.loss.item())).toBe(true);
});

test('the discriminator alone learns when it can see the difference', () => {
  let state = game.start(1);
  const bright = randomUniform(key(3), [32, 4], { low: 0.9, high: 1 });
  const first = game.step(state, bright)[1].loss.item();
  let last = first;
  for (let i = 0; i < 30; i++) {
    const [next, sums] = game.step(state, bright);
    // The generator is held where it was.
    state = { ...next, generator: state.generator };
    last = sums.loss.item();
  }
  expect(last).toBeLessThan(first);
});

test('the verdict: shares add up, copies of one image have no spread', () => {
  const model = lenet5();
  const { params, state } = model.init(key(0), [1, 28, 28]);
  const judge = { model, params, state, accuracy: 0.1 };
  const noise = (seed: number, n: number): number[] => Array.from(randomUniform(key(seed), [n, 784]).dataSync());
  const same = noise(1, 1);
  const verdict = judgeSamples(judge, Array.from({ length: 12 }, () => same).flat(), noise(2, 12), (t) => t);
  expect(verdict.shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  expect(verdict.least).toBe(0);
  expect(verdict.spread).toBe(0);
  expect(verdict.confidence).toBeGreaterThan(0.1);
});
