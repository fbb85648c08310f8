import { arrayDataset, loader } from '@lemmata/data';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { mse } from '@lemmata/losses';
import { sequential } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { key } from '@lemmata/random';
import { add, mean, mul, square, type Tensor } from '@lemmata/tensor';
import { flatten } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { findLearningRate } from './find-learning-rate.js';
import { initialState } from './step.js';
import { train, type TrainEvent } from './train.js';

const count = 60;
const x = Float32Array.from({ length: 3 * count }, (_, i) => Math.sin(1 + i * i));
const y = Float32Array.from({ length: count }, (_, i) => x[3 * i]! - 2 * x[3 * i + 1]! + 0.5);
const data = arrayDataset({ x: { data: x, shape: [count, 3] }, y: { data: y, shape: [count, 1] } });
const batches = loader(data, { batchSize: 16, shuffle: key(3) });
const model = sequential({
  norm: batchNormLayer(),
  hidden: linearLayer({ outFeatures: 8 }),
  drop: dropoutLayer({ p: 0.2 }),
  out: linearLayer({ outFeatures: 1 }),
});
const plain = sequential({ out: linearLayer({ outFeatures: 1 }) });
const optimizer = (learningRate: Parameters<typeof sgd>[0]['learningRate']) => sgd({ learningRate, momentum: 0.9 });
const bits = (tree: unknown): number[][] =>
  (flatten(tree as never).leaves as unknown as Tensor[]).map((leaf) => [...leaf.dataSync()]);

const last = async (
  from?: { state: any; cursor: { epoch: number; step: number } },
  epochs = 2,
): Promise<TrainEvent> => {
  let event: TrainEvent | undefined;
  const options = { model, loss: mse, optimizer: optimizer(0.05), batches, epochs, seed: 1 };
  for await (const next of train({ ...options, ...(from && { from }) })) event = next;
  return event!;
};

describe('O9: looking for a rate leaves everything as it was', () => {
  test('a fresh state keeps its bits', async () => {
    const state = initialState(model, optimizer(0.1), [3], 1);
    const before = bits(state);
    const found = await findLearningRate({ model, loss: mse, optimizer, batches, from: state, steps: 20 });
    expect(found.losses.length).toBeGreaterThan(2);
    expect(bits(state)).toEqual(before);
  });

  test('a run that is looked at goes on with the bits of one that was not', async () => {
    const half = await last(undefined, 1);
    await findLearningRate({ model, loss: mse, optimizer, batches, from: half.state, steps: 20 });
    const looked = await last({ state: half.state, cursor: half.cursor });
    expect(bits(looked.state)).toEqual(bits((await last()).state));
  });
});

describe('findLearningRate', () => {
  const from = initialState(plain, optimizer(0.1), [3], 1);
  const common = { model: plain, loss: mse, optimizer, batches, from };

  test('rates grow by one factor; the loss is flat, falls and blows up, and the suggestion lies where it falls', async () => {
    const { rates, losses, smoothed, suggestion } = await findLearningRate({ ...common, smoothing: 0.8 });
    // Weights 0.8ⁿ of the loss n steps ago, over their sum.
    smoothed.forEach((value, last) => {
      const weights = losses.slice(0, last + 1).map((_, i) => 0.8 ** (last - i));
      const mean = weights.reduce((sum, weight, i) => sum + weight * losses[i]!, 0) / weights.reduce((a, b) => a + b);
      expect(value).toBeCloseTo(mean, 6);
    });
    // It stopped where, for the first time, the last was more than four times the least.
    smoothed.forEach((value, i) =>
      expect(value > 4 * Math.min(...smoothed.slice(0, i + 1))).toBe(i === smoothed.length - 1),
    );
    expect(rates[0]).toBe(1e-7);
    expect(rates[1]! / rates[0]!).toBeCloseTo(1e8 ** (1 / 99), 10);
    expect(losses.length).toBeLessThan(100);
    expect(smoothed).toHaveLength(losses.length);
    expect(Math.max(...smoothed)).toBeGreaterThan(4 * Math.min(...smoothed));
    expect(suggestion).toBeGreaterThan(1e-4);
    expect(suggestion).toBeLessThan(1);
  });

  test.each([0, 0.5, 0.9])(
    'the suggestion is where the line through a tenth of the losses to either side is steepest, smoothing %f',
    async (smoothing) => {
      const { rates, smoothed, suggestion } = await findLearningRate({ ...common, smoothing });
      const reach = Math.round(smoothed.length / 10);
      const slopes = smoothed.map((_, i) => {
        const near = smoothed.slice(Math.max(0, i - reach), i + reach + 1);
        if (near.length < 2 * reach + 1) return Infinity;
        // By least squares.
        const height = near.reduce((a, b) => a + b) / near.length;
        return near.reduce((sum, y, j) => sum + (j - reach) * (y - height), 0);
      });
      expect(suggestion).toBe(rates[slopes.indexOf(Math.min(...slopes))]);
    },
  );

  test('the same at every call', async () => {
    expect(await findLearningRate({ ...common, steps: 12 })).toEqual(await findLearningRate({ ...common, steps: 12 }));
  });

  test('ends at a loss that is not finite', async () => {
    const wild = await findLearningRate({ ...common, lowest: 1e10, highest: 1e30, divergence: Infinity });
    expect(wild.losses.length).toBeLessThan(20);
    expect(wild.losses.every(Number.isFinite)).toBe(true);
  });

  test('input and target may be any two columns', async () => {
    const turned = arrayDataset({
      y: { data: y, shape: [count, 1] },
      x: { data: x, shape: [count, 3] },
    });
    const found = await findLearningRate({
      ...common,
      batches: loader(turned, { batchSize: 16, shuffle: key(3) }),
      example: (batch) => [batch.x, batch.y],
      steps: 5,
    });
    expect(found).toEqual(await findLearningRate({ ...common, steps: 5 }));
  });

  test('a loss of 0 is no divergence, and falls nowhere', async () => {
    const none = await findLearningRate({ ...common, loss: (output) => mul(mean(square(output)), 0), steps: 12 });
    expect([none.losses, none.suggestion]).toEqual([new Array(12).fill(0), null]);
  });

  test('a loss below 0 is no divergence either, until it has risen by as much as one above 0', async () => {
    const lengths = [2.9, 3.1].map(async (rise) => {
      // Losses are the targets: −1 at the first step, −1 + 2.9 or −1 + 3.1 at the second.
      const targets = Float32Array.of(-1, rise - 1, 0);
      const two = arrayDataset({
        x: { data: new Float32Array(9), shape: [3, 3] },
        y: { data: targets, shape: [3, 1] },
      });
      const found = await findLearningRate({
        ...common,
        batches: loader(two, { batchSize: 1, shuffle: false }),
        loss: (output, target) => add(mul(mean(output), 0), mean(target)),
        steps: 3,
        smoothing: 0,
      });
      return found.losses.length;
    });
    expect(await Promise.all(lengths)).toEqual([3, 2]);
  });

  test('what fails otherwise is passed on', async () => {
    const own = new Error('mine');
    const loss = (): never => {
      throw own;
    };
    await expect(findLearningRate({ ...common, loss })).rejects.toThrow('mine');
  });

  test('a loss that never falls suggests nothing', async () => {
    const up = await findLearningRate({ ...common, lowest: 1e-20, highest: 1e-19, steps: 2 });
    expect(up.suggestion).toBeNull();
  });

  test('what it refuses', async () => {
    await expect(
      findLearningRate({ ...common, lowest: 1, highest: 0.1, steps: 1, smoothing: 1, divergence: 1 }),
    ).rejects.toThrow(
      'findLearningRate: 4 problems\n' +
        '  1. lowest and highest must be 0 < lowest < highest < ∞, received 1 and 0.1\n' +
        '  2. steps must be a whole number of at least 2, received 1\n' +
        '  3. smoothing must be from 0 to below 1, received 1\n' +
        '  4. divergence must be above 1, received 1',
    );
    for (const wrong of [{ lowest: 0 }, { lowest: 10 }, { highest: Infinity }, { steps: 2.5 }, { smoothing: -0.1 }])
      await expect(findLearningRate({ ...common, ...wrong })).rejects.toThrow(/^findLearningRate: \w+/);
    await expect(findLearningRate({ ...common, exampel: 1 } as never)).rejects.toThrow(
      "findLearningRate: unknown option 'exampel'; did you mean 'example'? (it takes model, loss, optimizer, batches, from, lowest, highest, steps, smoothing, divergence, example)",
    );
    const none = { steps: 0, epoch: () => [] };
    await expect(findLearningRate({ ...common, batches: none })).rejects.toThrow(
      'findLearningRate: batches must hold at least one batch',
    );
    expect((await findLearningRate({ ...common, smoothing: 0, steps: 3 })).losses).toHaveLength(3);
  });
});
