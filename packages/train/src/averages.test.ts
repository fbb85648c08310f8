import { arrayDataset, loader } from '@lemmata/data';
import { reluLayer } from '@lemmata/layers-activation';
import { linearLayer } from '@lemmata/layers-linear';
import { crossEntropy } from '@lemmata/losses';
import { sequential } from '@lemmata/nn';
import { adam, exponentialAverage, withAverage } from '@lemmata/optim';
import { key } from '@lemmata/random';
import { expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint, train } from './index.js';

const points = Float32Array.from({ length: 80 }, (_, i) => Math.sin(i * i));
const sides = Int32Array.from({ length: 40 }, (_, i) => Number(points[2 * i + 1]! > points[2 * i]!));
const data = arrayDataset({ x: { data: points, shape: [40, 2] }, y: { data: sides, shape: [40] } });
const model = sequential({
  hidden: linearLayer({ outFeatures: 4 }),
  relu: reluLayer(),
  out: linearLayer({ outFeatures: 2 }),
});
const options = {
  model,
  loss: crossEntropy,
  optimizer: withAverage(adam({ learningRate: 0.05 }), exponentialAverage({ decay: 0.9 })),
  batches: loader(data, { batchSize: 10, shuffle: key(1) }),
  seed: 0,
};

/** The checkpoint after so many epochs, and the state in it. */
async function checkpointAfter(epochs: number, begin: { readonly from?: any } = {}) {
  const made = [];
  for await (const event of train({ ...options, epochs, ...begin })) {
    if (event.kind === 'epoch') made.push({ bytes: encodeCheckpoint(event.state, event.cursor), like: event.state });
  }
  return made.at(-1)!;
}

test('averages of weights are trained with, saved and gone on with, bit for bit', async () => {
  const whole = await checkpointAfter(3);
  const half = await checkpointAfter(1);
  const { state, cursor } = decodeCheckpoint(half.bytes, half.like);
  const rest = await checkpointAfter(3, { from: { state, cursor } });
  expect(rest.bytes).toEqual(whole.bytes);
  const { params, optimizer } = decodeCheckpoint(whole.bytes, whole.like).state;
  expect(optimizer.averaged.count.item()).toBe(12);
  expect(optimizer.averaged.average.out.weight.dataSync()).not.toEqual(params.out.weight.dataSync());
});
