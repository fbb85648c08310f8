import { arrayDataset, loader } from '@lemmata/data';
import { reluLayer } from '@lemmata/layers-activation';
import { linearLayer } from '@lemmata/layers-linear';
import { crossEntropy } from '@lemmata/losses';
import { sequential } from '@lemmata/nn';
import { sgd } from '@lemmata/optim';
import { key } from '@lemmata/random';
import { expect, test } from 'vitest';
import { decodeModel, encodeModel } from './checkpoint.js';
import { accuracy } from './metrics/index.js';
import { train, type TrainEvent } from './train.js';

test('a network learns in a page, and its weights come back from their file', async () => {
  const points = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i * i));
  const sides = Int32Array.from({ length: 100 }, (_, i) => (points[2 * i]! > points[2 * i + 1]! ? 1 : 0));
  const data = arrayDataset({ x: { data: points, shape: [100, 2] }, y: { data: sides, shape: [100] } });
  const model = sequential({
    fc1: linearLayer({ outFeatures: 8 }),
    relu: reluLayer(),
    fc2: linearLayer({ outFeatures: 2 }),
  });
  const events: TrainEvent[] = [];
  for await (const event of train({
    model,
    loss: crossEntropy,
    optimizer: sgd({ learningRate: 0.3, momentum: 0.9 }),
    batches: loader(data, { batchSize: 25, shuffle: key(2) }),
    epochs: 25,
    seed: 1,
    metrics: { accuracy },
  })) {
    events.push(event);
  }
  const last = events.at(-1)!;
  expect(last.metrics['accuracy']).toBeGreaterThan(0.95);
  const { params, state } = last.state;
  const back = decodeModel(encodeModel({ params, state }), { params, state });
  expect(back.params.fc1.weight.dataSync()).toEqual(params.fc1.weight.dataSync());
});
