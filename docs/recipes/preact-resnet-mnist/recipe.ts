import type { Recipe } from '@lemmata/cli';
import { onMnist } from '../shared/on-mnist.js';

/** A pre-activation residual network of eight layers. */
export const recipe: Recipe = onMnist({
  name: 'preact-resnet-mnist',
  title: 'Pre-activation ResNet on MNIST',
  settings: { epochs: 2, batchSize: 128, learningRate: 0.1 },
  network: (classes) => ({ name: 'preactResnet', options: { depth: 8, classes, width: 8 } }),
});
