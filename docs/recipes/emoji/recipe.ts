import { classification, type ClassificationRecipe, type Recipe } from '@lemmata/cli';
import { augment, colorJitter, cutout, horizontalFlip, randomAffine } from '@lemmata/data';
import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { maxPool2dLayer } from '@lemmata/layers-pool';
import { sequential, type Layer } from '@lemmata/nn';
import { oneCycle, sgd, type Optimizer } from '@lemmata/optim';
import { beside } from './beside.js';
import { emoji, emojiFolder } from './drawings.js';

const optimizer = (learningRate: number, steps: number): Optimizer =>
  sgd({ learningRate: oneCycle({ peak: learningRate, steps }), momentum: 0.9, weightDecay: 1e-3 });

const shared = {
  name: 'emoji',
  settings: { epochs: 60, batchSize: 64, learningRate: 0.1 },
  quick: { epochs: 1, limit: 192 },
  dataFolder: emojiFolder,
  dataHolds: 'sheets of emoji, or with a folder of images for each class',
  load: emoji,
  // About the mean and the standard deviation of the training pixels: drawings on white.
  normalise: { mean: 0.8, std: 0.3 },
  augment: (key) =>
    augment('image', key, [
      horizontalFlip(),
      randomAffine({ degrees: 20, translate: [0.12, 0.12], scale: [0.8, 1.2], shear: 8, fill: 255 }),
      colorJitter({ brightness: 0.3, contrast: 0.4, saturation: 0.6, hue: 0.15 }),
      cutout({ size: 8, fill: 255 }),
    ]),
  optimizer,
} satisfies Partial<ClassificationRecipe>;

/** Two convolutions and a linear layer. */
function plain(classes: number): Layer {
  const conv = (outChannels: number): Layer =>
    sequential({
      conv: conv2dLayer({ outChannels, kernelSize: 5, padding: 2 }),
      relu: reluLayer(),
      pool: maxPool2dLayer({ kernelSize: 2 }),
    });
  return sequential({
    conv1: conv(16),
    conv2: conv(32),
    flatten: flattenLayer(),
    fc: linearLayer({ outFeatures: classes }),
  });
}

/** A small residual network that tells what kind of thing an emoji is, from drawings of a vendor it has not seen. */
export const recipe: Recipe = beside(
  classification({
    ...shared,
    title: 'Residual network on emoji',
    goal: { atLeast: 0.57, aim: 0.62 },
    network: (classes) => ({ name: 'resnetCifar', options: { depth: 14, classes } }),
  }),
  classification({
    ...shared,
    title: 'Plain network',
    network: plain,
    // Without batch norm it does not stand the other's rates.
    optimizer: (learningRate, steps) => optimizer(learningRate / 10, steps),
  }),
);
