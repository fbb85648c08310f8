import type { Recipe } from '@lemmata/cli';
import { onMnist } from '../shared/on-mnist.js';

/** ResNet-18 at an eighth of its width. */
export const recipe: Recipe = onMnist({
  name: 'resnet-mnist',
  title: 'ResNet-18 on MNIST',
  settings: { epochs: 2, batchSize: 128, learningRate: 0.1 },
  network: (classes) => ({ name: 'resnet', options: { depth: 18, classes, width: 8 } }),
  border: 2,
});
