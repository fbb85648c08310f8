import { classification, type Recipe } from '@lemmata/cli';
import { cosine, sgd } from '@lemmata/optim';
import { mnist, mnistFolder, MNIST_NORM, IMAGES } from '../shared/mnist.js';

/** LeNet-5 on the whole of MNIST: stochastic gradient descent with momentum and a cosine schedule after a short warm-up. */
export const recipe: Recipe = classification({
  name: 'lenet5-mnist',
  title: 'LeNet-5 on MNIST',
  settings: { epochs: 4, batchSize: 64, learningRate: 0.05 },
  quick: { epochs: 1, limit: 9600 },
  goal: { atLeast: 0.99, aim: 0.993 },
  dataFolder: mnistFolder,
  dataHolds: IMAGES,
  load: mnist,
  network: (classes) => ({ name: 'lenet5', options: { classes } }),
  normalise: MNIST_NORM,
  optimizer: (learningRate, steps) =>
    sgd({
      learningRate: cosine({ peak: learningRate, steps, warmup: Math.min(100, Math.floor(steps / 2)) }),
      momentum: 0.9,
      weightDecay: 1e-4,
    }),
});
