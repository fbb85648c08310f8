import { classification, type Recipe } from '@lemmata/cli';
import { augment, randomAffine } from '@lemmata/data';
import { adamw, cosine } from '@lemmata/optim';
import { mnist, mnistFolder, MNIST_NORM, IMAGES } from '../shared/mnist.js';
import { attentionSection, NUM_HEADS } from './attention.js';

/** A small Vision Transformer: 49 patches of 4×4 pixels, each a token of 64 numbers, and four encoder blocks. */
export const recipe: Recipe = classification({
  name: 'vit-mnist',
  title: 'Vision Transformer on MNIST',
  settings: { epochs: 8, batchSize: 128, learningRate: 2e-3 },
  quick: { epochs: 1, limit: 192, batchSize: 64 },
  goal: { atLeast: 0.98, aim: 0.985 },
  dataFolder: mnistFolder,
  dataHolds: IMAGES,
  load: mnist,
  network: (classes) => ({
    name: 'visionTransformer',
    options: { imageSize: 28, patchSize: 4, embedDim: 64, depth: 4, numHeads: NUM_HEADS, mlpDim: 128, classes },
  }),
  sections: (judgement) => [attentionSection(judgement)],
  normalise: MNIST_NORM,
  // A Transformer knows nothing of images, not even that neighbours belong together: moved digits tell it.
  augment: (key) => augment('image', key, [randomAffine({ degrees: 10, translate: [0.08, 0.08], scale: [0.9, 1.1] })]),
  optimizer: (learningRate, steps) =>
    adamw({
      learningRate: cosine({ peak: learningRate, steps, warmup: Math.min(200, Math.floor(steps / 2)) }),
      weightDecay: 0.05,
    }),
});
