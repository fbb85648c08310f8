import { classification, type Recipe } from '@lemmata/cli';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { sequential } from '@lemmata/nn';
import { cosine, sgd } from '@lemmata/optim';
import { mnist, mnistFolder, MNIST_NORM, IMAGES } from '../shared/mnist.js';
import { oneAgainstRest } from '../shared/one-against-rest.js';

/** A linear support vector machine on pixels: what a network has to beat. */
export const recipe: Recipe = classification({
  name: 'linear-svm-mnist',
  title: 'Linear support vector machine on MNIST',
  settings: { epochs: 10, batchSize: 100, learningRate: 0.1 },
  quick: { epochs: 1, limit: 10_000 },
  dataFolder: mnistFolder,
  dataHolds: IMAGES,
  load: mnist,
  network: (classes) => sequential({ flatten: flattenLayer(), fc: linearLayer({ outFeatures: classes }) }),
  normalise: MNIST_NORM,
  loss: oneAgainstRest,
  optimizer: (learningRate, steps) =>
    sgd({ learningRate: cosine({ peak: learningRate, steps }), momentum: 0.9, weightDecay: 1e-4 }),
});
