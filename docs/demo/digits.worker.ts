import { loader } from '@lemmata/data';
import { crossEntropy } from '@lemmata/losses';
import { cosine, sgd } from '@lemmata/optim';
import { key } from '@lemmata/random';
import { accuracy, train } from '@lemmata/train';
import { serveTraining } from '@lemmata/train/worker';
import { backend, digits, EPOCHS, model, transform } from './digits.js';

/** The training that the page asks for, off its main thread. */
serveTraining(async ({ folder, seed }: { readonly folder: string; readonly seed: number }) => {
  const batches = loader(await digits(folder, 'train'), { batchSize: 64, shuffle: key(seed), transform });
  const optimizer = sgd({
    learningRate: cosine({ peak: 0.05, steps: EPOCHS * batches.steps, warmup: 50 }),
    momentum: 0.9,
    weightDecay: 1e-4,
  });
  return train({
    model,
    loss: crossEntropy,
    optimizer,
    batches,
    epochs: EPOCHS,
    seed,
    metrics: { accuracy },
    backend,
  });
});
