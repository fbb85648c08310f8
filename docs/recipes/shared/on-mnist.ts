import { classification, type ClassificationRecipe, type ImageSet, type Recipe } from '@lemmata/cli';
import type { LabelledImages } from '@lemmata/data/node';
import { oneCycle, sgd } from '@lemmata/optim';
import { mnist, mnistFolder, MNIST_NORM, IMAGES } from './mnist.js';

interface OnMnist extends Pick<ClassificationRecipe, 'name' | 'title' | 'settings' | 'network'> {
  /** Black pixels added on all sides. Default 0. */
  readonly border?: number;
  /** Default: gradient descent with momentum 0.9, by one cycle of the learning rate. */
  readonly optimizer?: ClassificationRecipe['optimizer'];
}

/** A network of some family on MNIST. */
export function onMnist({ border = 0, ...recipe }: OnMnist): Recipe {
  return classification({
    quick: { epochs: 1, limit: 128, batchSize: 32 },
    goal: { atLeast: 0.98 },
    dataFolder: mnistFolder,
    dataHolds: IMAGES,
    load: async (folder) => bordered(await mnist(folder), border),
    normalise: MNIST_NORM,
    optimizer: (learningRate, steps) =>
      sgd({ learningRate: oneCycle({ peak: learningRate, steps }), momentum: 0.9, weightDecay: 5e-4 }),
    ...recipe,
  });
}

function bordered(set: ImageSet, border: number): ImageSet {
  if (border === 0) return set;
  const grown = ({ image: { data, shape }, label }: LabelledImages): LabelledImages => {
    const [n, c, h, w] = shape as readonly [number, number, number, number];
    const [height, width] = [h + 2 * border, w + 2 * border];
    const out = new Uint8Array(n * c * height * width);
    for (let row = 0; row < n * c * h; row++) {
      const [plane, y] = [Math.floor(row / h), row % h];
      out.set(data.subarray(row * w, (row + 1) * w), (plane * height + y + border) * width + border);
    }
    return { image: { data: out, shape: [n, c, height, width] }, label };
  };
  return { ...set, train: grown(set.train), test: grown(set.test) };
}
