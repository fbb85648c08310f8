import { segnet } from '@lemmata/architectures/segnet';
import { duration, layersSection, learningSection, limited, objectiveJob, type Job, type Recipe } from '@lemmata/cli';
import { arrayDataset, loader, subset } from '@lemmata/data';
import { loadMnist } from '@lemmata/data/node';
import { crossEntropy } from '@lemmata/losses';
import { countParameters, infer } from '@lemmata/nn';
import { adam, oneCycle } from '@lemmata/optim';
import { key } from '@lemmata/random';
import { argmax } from '@lemmata/tensor';
import { columnTensor, confusionMatrix, iou, meanScore, type TrainState } from '@lemmata/train';
import { imageGrid } from '@lemmata/visualize';
import { MNIST_LICENCE, mnistFolder, MNIST_FILES } from '../shared/mnist.js';
import { digitColours, overlaid } from '../segmentation/overlay.js';
import { byVote, CLASSES, inked, SIDE } from './ink.js';

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit + 1);
const SHOWN = 20;
const model = segnet({ classes: CLASSES, channels: [8, 16, 32] });

/** Which pixels of an image are the ink of which digit: an encoder whose pools tell a decoder where maxima lay. */
export const recipe: Recipe = {
  name: 'segnet-mnist',
  title: 'SegNet on MNIST',
  settings: { epochs: 3, batchSize: 64, learningRate: 1e-2 },
  quick: { limit: 128, batchSize: 32 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<TrainState>> {
    const digits = await loadMnist(asked.data);
    const data = limited(digits.train, asked, 'images');
    const batches = loader(data, { batchSize: asked.batchSize, shuffle: key(asked.seed), transform: inked });
    const all = arrayDataset(digits.test);
    const held = asked.quick
      ? subset(
          all,
          Int32Array.from({ length: 1000 }, (_, i) => i),
        )
      : all;
    const about = `MNIST: ${data.length} training images, ${held.length} test images`;
    return {
      about,
      unit: 'images',
      samples: data.length,
      batches,
      columns: ({ image, mask }) => [image, mask],
      ...objectiveJob({
        model,
        inputShape: [1, SIDE, SIDE],
        objective: (params, { state, batch: [image, mask] }) => {
          const [logits, next] = model.apply(params, state, image!, { train: true });
          return [crossEntropy(logits, mask!), { state: next, metrics: {} }];
        },
        optimizer: adam({
          learningRate: oneCycle({ peak: asked.learningRate, steps: Math.max(2, batches.steps * asked.epochs) }),
        }),
        seed: asked.seed,
      }),
      finish({ params, state }, { history, seconds, seed, put }) {
        const counted = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
        let right = 0;
        let pictures: { readonly is: Uint8Array; readonly said: Uint8Array } | null = null;
        for (const { image, mask, label } of loader(held, { batchSize: 500, shuffle: false, transform: inked }).epoch(
          0,
        )) {
          const said = argmax(infer(model, params, state, put(columnTensor(image))), { axis: 1 }).dataSync();
          confusionMatrix(mask.data, said, CLASSES).forEach((row, is) =>
            row.forEach((count, c) => (counted[is]![c]! += count)),
          );
          byVote(said).forEach((digit, i) => (right += digit === label.data[i] ? 1 : 0));
          const size = SIDE * SIDE;
          const first = image.data.subarray(0, SHOWN * size);
          pictures ??= { is: overlaid(first, mask.data, size), said: overlaid(first, said, size) };
        }
        const accuracy = right / held.length;
        const overlap = meanScore(iou(counted), DIGITS);
        const parameters = countParameters(params);
        const grid = (images: Uint8Array, title: string): string =>
          imageGrid({ images, shape: [SHOWN, 3, SIDE, SIDE], normalise: [0, 255], scale: 2, columns: 10, title });
        return Promise.resolve({
          result: { name: 'test accuracy by vote of the pixels', value: accuracy, digits: 4 },
          goals: [{ name: 'test accuracy by vote of the pixels', value: accuracy, atLeast: 0.98 }],
          // A quick run may never name some digit, which then has no score.
          figures: { accuracy, iou: Number.isNaN(overlap) ? 'none' : overlap, parameters },
          subtitle: `${about}, seed ${seed}`,
          facts: [
            ['Digits named rightly', `${(accuracy * 100).toFixed(2)}%`],
            ['IoU over digits', overlap.toFixed(3)],
            ['Parameters', parameters.toLocaleString('en')],
            ['Training time', duration(seconds)],
          ],
          sections: [
            learningSection(history, 'Cross-entropy over the pixels of each batch before its step.'),
            {
              title: 'Overlays',
              intro: 'The first test digits; each digit has its colour.',
              html: digitColours() + grid(pictures!.is, 'what is') + grid(pictures!.said, 'SegNet'),
            },
            layersSection(model, [1, SIDE, SIDE]),
          ],
          footer: `MNIST: ${MNIST_LICENCE}`,
        });
      },
    };
  },
};
