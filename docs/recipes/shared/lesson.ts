import { limited, objectiveJob, type Asked, type Job, type Learner } from '@lemmata/cli';
import { arrayDataset, loader, normalize, subset, type Column, type Loader } from '@lemmata/data';
import { loadMnist } from '@lemmata/data/node';
import { crossEntropy } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import type { Optimizer } from '@lemmata/optim';
import { key } from '@lemmata/random';
import type { Tensor } from '@lemmata/tensor';
import { accuracy, evaluate, supervised, type TrainState } from '@lemmata/train';
import { MNIST_NORM } from './mnist.js';

export type Labelled = { readonly image: Column<Float32Array>; readonly label: Column };

/** The part of MNIST that an experiment reads. */
export interface Lesson {
  /** What a job says of its data, its batches are {@link digits}. */
  readonly data: Pick<Job, 'about' | 'unit' | 'samples' | 'batches'>;
  readonly digits: Loader<Labelled>;
  /** The training images, to be judged by. */
  readonly seen: Loader<Labelled>;
  readonly test: Loader<Labelled>;
}

/** The first images of MNIST: to train on as many as are asked for, in a drawn order, and `test` to judge by. */
export async function lesson(asked: Asked, test = 2000): Promise<Lesson> {
  const halves = await loadMnist(asked.data);
  const transform = normalize('image', MNIST_NORM);
  const data = limited(halves.train, asked, 'images');
  const held = subset(
    arrayDataset(halves.test),
    Int32Array.from({ length: asked.quick ? 200 : test }, (_, i) => i),
  );
  const batches = loader(data, { batchSize: asked.batchSize, shuffle: key(asked.seed), transform });
  return {
    data: {
      about: `MNIST: ${data.length} training images, ${held.length} test images`,
      unit: 'images',
      samples: data.length,
      batches,
    },
    digits: batches,
    seen: loader(data, { batchSize: 500, shuffle: false, transform }),
    test: loader(held, { batchSize: 500, shuffle: false, transform }),
  };
}

export const DIGIT: readonly number[] = [1, 28, 28];

/** A network that learns to tell digits apart. */
export function classifier(
  model: Layer,
  optimizer: Optimizer,
  seed: number,
  loss: (logits: Tensor, target: Tensor) => Tensor = crossEntropy,
): Learner<TrainState> {
  return objectiveJob({
    model,
    inputShape: DIGIT,
    objective: supervised({ model, loss }),
    optimizer,
    seed,
  });
}

/** The share of images that it gets right. */
export async function shareRight(
  model: Layer,
  { params, state }: Pick<TrainState, 'params' | 'state'>,
  batches: Loader<Labelled>,
): Promise<number> {
  const { metrics } = await evaluate({ model, params, state, loss: crossEntropy, batches, metrics: { accuracy } });
  return metrics['accuracy']!;
}
