import { classification, type Recipe } from '@lemmata/cli';
import { augment, colorJitter, cutout, horizontalFlip, randomAffine } from '@lemmata/data';
import { oneCycle, sgd } from '@lemmata/optim';
import { emoji, emojiFolder } from './drawings.js';

/** A small residual network that tells what kind of thing an emoji is, from drawings of a vendor it has not seen. */
export const recipe: Recipe = classification({
  name: 'emoji',
  title: 'Residual network on emoji',
  settings: { epochs: 60, batchSize: 64, learningRate: 0.1 },
  quick: { epochs: 1, limit: 320 },
  goal: { atLeast: 0.57, aim: 0.62 },
  dataFolder: emojiFolder,
  load: emoji,
  network: (classes) => ({ name: 'resnetCifar', options: { depth: 14, classes } }),
  // About the mean and the standard deviation of the training pixels: drawings on white.
  normalise: { mean: 0.8, std: 0.3 },
  augment: (key) =>
    augment('image', key, [
      horizontalFlip(),
      randomAffine({ degrees: 20, translate: [0.12, 0.12], scale: [0.8, 1.2], shear: 8, fill: 255 }),
      colorJitter({ brightness: 0.3, contrast: 0.4, saturation: 0.6, hue: 0.15 }),
      cutout({ size: 8, fill: 255 }),
    ]),
  optimizer: (learningRate, steps) =>
    sgd({ learningRate: oneCycle({ peak: learningRate, steps }), momentum: 0.9, weightDecay: 1e-3 }),
});
