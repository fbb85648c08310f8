import type { Recipe } from '@lemmata/cli';
import { onMnist } from '../shared/on-mnist.js';

/** Network in Network at an eighth of its width. */
export const recipe: Recipe = onMnist({
  name: 'nin-mnist',
  title: 'Network in Network on MNIST',
  settings: { epochs: 4, batchSize: 128, learningRate: 0.05 },
  network: (classes) => ({ name: 'nin', options: { classes, width: 24, dropout: 0.2 } }),
});
