import { lenet5 } from '@lemmata/architectures/lenet5';
import { reluLayer } from '@lemmata/layers-activation';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { functionLayer, sequential } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { key, randomUniform, reshape, type Tensor } from '@lemmata/tensor';
import { leaves } from '@lemmata/tree';
import { expect, test } from 'vitest';
import { adversarial } from './adversarial.js';
import { moments } from './album.js';
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
  optimizers: { generator: sgd({ learningRate: 0.1 }), discriminator: sgd({ learningRate: 0.1 }) },
  latent: 3,
  imageShape: [1, 2, 2],
  samples: { images: 2, at: [1, 3] },
});
const bits = (tree: unknown): number[][] =>
  (leaves<unknown>(tree as never) as Tensor[]).map((t) => Array.from(t.dataSync()));

test('a step moves both networks and the key, and the same seed plays the same game', () => {
  const real = randomUniform(key(3), [6, 4]);
  const before = game.start(5);
  const [after, sums] = game.step(before, real);
  for (const part of ['generator', 'discriminator', 'key', 'average'] as const)
    expect(bits(after[part])).not.toEqual(bits(before[part]));
  expect(bits(game.step(game.start(5), real)[0])).toEqual(bits(after));
  // Of six real and six drawn images at most all are told right.
  expect(sums.metrics['discriminator right']!.item()).toBeLessThanOrEqual(6);
  expect(Number.isFinite(sums.loss.item())).toBe(true);
});

test('samples are kept at their steps, and stay as they were', () => {
  let state = game.start(5);
  const real = randomUniform(key(3), [6, 4]);
  const seen: number[][] = [];
  for (let i = 0; i < 4; i++) {
    state = game.step(state, real)[0];
    seen.push(Array.from(state.album.pages.dataSync()));
  }
  const page = (at: number, index: number): number[] => seen[at]!.slice(8 * index, 8 * index + 8);
  expect(state.album.pages.shape).toEqual([2, 2, 1, 2, 2]);
  expect(page(0, 0).every((v) => v !== 0)).toBe(true);
  expect(page(1, 1)).toEqual(new Array(8).fill(0));
  expect(page(2, 1)).not.toEqual(page(2, 0));
  expect(seen[3]).toEqual(seen[2]);
});

test('the steps at which samples are kept double, end at the last, and are never told twice', () => {
  expect(moments(1000, 3)).toEqual([250, 500, 1000]);
  expect(moments(4, 5)).toEqual([1, 2, 4]);
  expect(moments(1, 4)).toEqual([1]);
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
  expect(verdict.digits.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(verdict.least).toBe(0);
  expect(verdict.spread).toBe(0);
  expect(verdict.confidence).toBeGreaterThan(0.1);
  expect(verdict.digits.filter(({ distance }) => distance === 0).length).toBe(1);
  expect(verdict.digits.filter(({ confidence }) => confidence === null).length).toBe(9);
});
