import { classification, type ClassificationRecipe, type Recipe } from '@lemmata/cli';
import { oneCycle, sgd } from '@lemmata/optim';
import { mnist, mnistFolder, MNIST_NORM, IMAGES } from './mnist.js';

interface OnMnist extends Pick<ClassificationRecipe, 'name' | 'title' | 'settings' | 'network' | 'border'> {
  /** Default: gradient descent with momentum 0.9, by one cycle of the learning rate. */
  readonly optimizer?: ClassificationRecipe['optimizer'];
}

/** A network of some family on MNIST. */
export function onMnist(recipe: OnMnist): Recipe {
  return classification({
    quick: { epochs: 1, limit: 128, batchSize: 32 },
    goal: { atLeast: 0.98 },
    dataFolder: mnistFolder,
    dataHolds: IMAGES,
    load: mnist,
    normalise: MNIST_NORM,
    optimizer: (learningRate, steps) =>
      sgd({ learningRate: oneCycle({ peak: learningRate, steps }), momentum: 0.9, weightDecay: 5e-4 }),
    ...recipe,
  });
}
