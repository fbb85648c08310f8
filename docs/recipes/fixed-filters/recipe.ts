import { curves, eachOf, sideBySide, type Job, type Recipe } from '@lemmata/cli';
import { cosine, sgd } from '@lemmata/optim';
import { tensor, type Tensor } from '@lemmata/tensor';
import type { TrainState } from '@lemmata/train';
import { barChart, columns, table } from '@lemmata/visualize';
import { emojiFolder } from '../emoji/drawings.js';
import { backdrops } from '../segmentation/scenes.js';
import { classifier, lesson, shareRight } from '../shared/lesson.js';
import { MNIST_LICENCE, MNIST_NORM, mnistFolder, MNIST_FILES } from '../shared/mnist.js';
import { oneAgainstRest } from '../shared/one-against-rest.js';
import { classifierOn, WAYS, type Way } from './features.js';
import { haarError, kernelsSection, responsesSection } from './pictures.js';

const MODELS = eachOf(WAYS, (way) => classifierOn(way));

/** Filters that nobody learnt, as convolutions, and what a linear classifier makes of them. */
export const recipe: Recipe = {
  name: 'fixed-filters',
  title: 'Sobel, Gabor and Haar: filters before learning',
  settings: { epochs: 4, batchSize: 100, learningRate: 0.05, limit: 10_000 },
  quick: { epochs: 1, limit: 200 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<Readonly<Record<Way, TrainState>>>> {
    const { data, test } = await lesson(asked, 10_000);
    const drawn = await drawings();
    const steps = data.batches.steps * asked.epochs;
    const optimizer = sgd({
      learningRate: cosine({ peak: asked.learningRate, steps }),
      momentum: 0.9,
      weightDecay: 1e-4,
    });
    return {
      ...data,
      ...sideBySide(eachOf(WAYS, (way) => classifier(MODELS[way], optimizer, asked.seed, oneAgainstRest))),
      async finish(state, { history, seed, put }) {
        const right = eachOf(WAYS, () => 0);
        for (const way of WAYS) right[way] = await shareRight(MODELS[way], state[way], test);
        const [first] = test.epoch(0);
        const pixels = Float32Array.from(
          first!.image.data.subarray(0, 784),
          (v) => v * MNIST_NORM.std + MNIST_NORM.mean,
        );
        const [digit, drawing] = [put(tensor(pixels, { shape: [1, 1, 28, 28] })), put(drawn)];
        const error = Math.max(haarError(digit), haarError(drawing));
        const chart = barChart({
          title: 'Test accuracy of a linear classifier on',
          labels: WAYS,
          values: WAYS.map((way) => right[way]),
          highlight: [WAYS.indexOf('Sobel'), WAYS.indexOf('Gabor')],
          format: 'percent',
        });
        const percent = (v: number): string => `${(100 * v).toFixed(1)}%`;
        return {
          result: { name: 'test accuracy of a linear classifier on Gabor filters', value: right.Gabor, digits: 4 },
          goals: [
            { name: 'gained over pixels by Sobel', value: right.Sobel - right.pixels, atLeast: 0.02 },
            { name: 'gained over pixels by Gabor', value: right.Gabor - right.pixels, atLeast: 0.03 },
            // The same numbers in another basis: what a linear classifier can say of them stays.
            { name: 'not gained over pixels by Haar', value: right.pixels - right.Haar, atLeast: -0.01 },
            { name: 'gained by the magnitudes of Haar', value: right['|Haar|'] - right.Haar, atLeast: 0.02 },
            { name: 'digits of an image that come back from its Haar maps', value: -Math.log10(error), atLeast: 6 },
          ],
          figures: {
            'test accuracy': right,
            features: eachOf(WAYS, (way) => state[way].params.fc.weight.shape[1]!),
            'largest error of Haar there and back': error,
          },
          subtitle: `${data.about}, seed ${seed}`,
          facts: WAYS.map((way) => [way, percent(right[way])] as const),
          sections: [
            {
              title: 'What a linear classifier makes of them',
              intro:
                'Ten linear scores, trained by the hinge loss. Sobel, Gabor and learnt filters are averaged over 4×4 pixels; there are eight of the learnt ones, as large as Gabor’s, of which there are eight pairs.',
              html: columns(
                chart,
                table({
                  columns: ['Features', 'Numbers an image', 'Learnt parameters', 'Test accuracy'],
                  rows: WAYS.map((way) => {
                    const { fc, conv } = state[way].params;
                    const learnt = [fc, conv].flatMap((part) => Object.values((part ?? {}) as Record<string, Tensor>));
                    return [
                      way,
                      fc.weight.shape[1]!,
                      learnt.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
                      percent(right[way]),
                    ];
                  }),
                }),
              ),
            },
            kernelsSection(),
            responsesSection('A digit', digit, 112),
            responsesSection('Drawings', drawing, 272),
            {
              title: 'Learning',
              intro: 'Loss of each batch before its step.',
              html: curves(history, {
                title: 'Hinge loss',
                logY: true,
                smooth: 0.95,
                metrics: eachOf(WAYS, (way) => `loss ${way}`),
              }),
            },
          ],
          footer: `MNIST: ${MNIST_LICENCE}\nDrawings: the npm package emoji-datasource`,
          figure: chart,
        };
      },
    };
  },
};

/** A window of a grey sheet of emoji, [1, 1, 136, 136]: four by four drawings. */
async function drawings(): Promise<Tensor> {
  const side = 136;
  const { sheets } = (await backdrops(emojiFolder())).train;
  const { data, width } = sheets[0]!;
  const top = 10 * 34;
  const pixels = Float32Array.from(
    { length: side * side },
    (_, i) => data[(top + Math.floor(i / side)) * width + top + (i % side)]! / 255,
  );
  return tensor(pixels, { shape: [1, 1, side, side] });
}
