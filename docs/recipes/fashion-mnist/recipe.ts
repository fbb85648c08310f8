import { classification, type Recipe } from '@lemmata/cli';
import { oneCycle, sgd } from '@lemmata/optim';
import { fashion, fashionFolder } from '../shared/fashion.js';

/** A residual network of eight layers on Fashion-MNIST. */
export const recipe: Recipe = classification({
  name: 'fashion-mnist',
  title: 'Residual network on Fashion-MNIST',
  settings: { epochs: 8, batchSize: 128, learningRate: 0.2 },
  quick: { epochs: 1, limit: 384 },
  goal: { atLeast: 0.92, aim: 0.93 },
  dataFolder: fashionFolder,
  dataHolds: 'the four files of Fashion-MNIST, or with a folder of images for each class',
  load: fashion,
  network: (classes) => ({ name: 'resnetCifar', options: { depth: 8, classes } }),
  // Mean and standard deviation of the training pixels, of 0 to 1.
  normalise: { mean: 0.286, std: 0.353 },
  optimizer: (learningRate, steps) =>
    sgd({
      learningRate: oneCycle({ peak: learningRate, steps }),
      momentum: 0.9,
      weightDecay: 5e-4,
    }),
});
