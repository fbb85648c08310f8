import type { Recipe } from '@lemmata/cli';
import { onMnist } from '../shared/on-mnist.js';

/** MobileNetV2 at a quarter of its width. */
export const recipe: Recipe = onMnist({
  name: 'mobilenet-mnist',
  title: 'MobileNetV2 on MNIST',
  settings: { epochs: 2, batchSize: 128, learningRate: 0.05 },
  network: (classes) => ({ name: 'mobilenetV2', options: { classes, widthMultiplier: 0.25, firstStride: 1 } }),
  border: 2,
});
