import type { Recipe } from '@lemmata/cli';
import { onMnist } from '../shared/on-mnist.js';

/** VGG-11 with batch norm at an eighth of its width. */
export const recipe: Recipe = onMnist({
  name: 'vgg-mnist',
  title: 'VGG-11 on MNIST',
  settings: { epochs: 2, batchSize: 128, learningRate: 0.05 },
  network: (classes) => ({
    name: 'vgg',
    options: { depth: 11, classes, width: 8, hidden: 128, batchNorm: true, dropout: 0.2 },
  }),
  border: 2,
});
