import { alexnet } from '@lemmata/architectures/alexnet';
import type { Recipe } from '@lemmata/cli';
import { interpolateLayer } from '@lemmata/layers-resample';
import { sequential } from '@lemmata/nn';
import { adam, oneCycle } from '@lemmata/optim';
import { onMnist } from '../shared/on-mnist.js';

/** AlexNet at a quarter of its width, on digits enlarged to the least size that it takes. */
export const recipe: Recipe = onMnist({
  name: 'alexnet-mnist',
  title: 'AlexNet on MNIST',
  settings: { epochs: 2, batchSize: 128, learningRate: 2e-3 },
  network: (classes) =>
    sequential({
      enlarge: interpolateLayer({ size: 63, mode: 'bilinear' }),
      alexnet: alexnet({ classes, width: 16, hidden: 256, dropout: 0.2 }),
    }),
  // Without any norm, and with eight layers of small weights at the start, gradient descent stands still for most of an epoch.
  optimizer: (learningRate, steps) => adam({ learningRate: oneCycle({ peak: learningRate, steps }) }),
});
