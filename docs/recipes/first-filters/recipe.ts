import { curves, eachOf, objectiveJob, sideBySide, type Job, type Learner, type Recipe } from '@lemmata/cli';
import { arrayDataset, loader, normalize } from '@lemmata/data';
import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { maxPool2dLayer } from '@lemmata/layers-pool';
import { crossEntropy } from '@lemmata/losses';
import { normal, sequential, type Layer } from '@lemmata/nn';
import { cosine, sgd } from '@lemmata/optim';
import { foldIn, key } from '@lemmata/random';
import type { Tensor } from '@lemmata/tensor';
import { columnTensor, supervised, type TrainState } from '@lemmata/train';
import { imageGrid, table } from '@lemmata/visualize';
import { emoji, emojiFolder } from '../emoji/drawings.js';
import { classifier, lesson, shareRight } from '../shared/lesson.js';
import { MNIST_LICENCE, mnistFolder, MNIST_FILES } from '../shared/mnist.js';
import { alongside, neighbourCorrelation, strongest, window } from './filters.js';
import { colourSheet, picture } from './pictures.js';

const [GREY, COLOUR] = [9, 7];
const network = (kernelSize: number, outChannels: number, outFeatures: number): Layer =>
  sequential({
    // As AlexNet's: small, so that what is learnt is not hidden by what was drawn.
    conv: conv2dLayer({ outChannels, kernelSize, padding: (kernelSize - 1) / 2, init: normal({ std: 0.01 }) }),
    relu: reluLayer(),
    pool: maxPool2dLayer({ kernelSize: 4 }),
    flatten: flattenLayer(),
    fc: linearLayer({ outFeatures }),
  });

const DECAY = 5e-3;
const NAMES = ['digits', 'digits, no decay', 'drawings'] as const;
type Name = (typeof NAMES)[number];
const KERNEL: Readonly<Record<Name, number>> = { digits: GREY, 'digits, no decay': GREY, drawings: COLOUR };

/** What the filters of a first layer look like before and after training, grey ones and colour ones. */
export const recipe: Recipe = {
  name: 'first-filters',
  title: 'Filters of the first layer, before and after',
  settings: { epochs: 8, batchSize: 50, learningRate: 0.05, limit: 5000 },
  quick: { epochs: 1, limit: 200 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<Readonly<Record<Name, TrainState>>>> {
    const { data, digits, test } = await lesson(asked);
    const { train: drawn, classes, licence } = await emoji(emojiFolder());
    const normalised = normalize('image', { mean: 0.8, std: 0.3 });
    const drawings = loader(arrayDataset(drawn), {
      batchSize: asked.batchSize,
      shuffle: foldIn(key(asked.seed), 1),
      dropLast: true,
      transform: (batch: typeof drawn) => {
        const { image, label } = normalised(batch);
        return { drawing: image, category: label };
      },
    });
    const batches = alongside(digits, drawings);
    const steps = batches.steps * asked.epochs;
    const optimizer = (weightDecay: number, factor = 1) =>
      sgd({ learningRate: cosine({ peak: factor * asked.learningRate, steps }), momentum: 0.9, weightDecay });
    const models: Readonly<Record<Name, Layer>> = {
      digits: network(GREY, 16, 10),
      'digits, no decay': network(GREY, 16, 10),
      drawings: network(COLOUR, 32, classes.length),
    };
    const colour = objectiveJob({
      model: models.drawings,
      inputShape: drawn.image.shape.slice(1),
      objective: supervised({ model: models.drawings, loss: crossEntropy }),
      // Three planes of large values: at the digits' rate it would blow up.
      optimizer: optimizer(DECAY, 0.2),
      seed: asked.seed,
    });
    const learners: Readonly<Record<Name, Learner<TrainState>>> = {
      digits: classifier(models.digits, optimizer(DECAY), asked.seed),
      'digits, no decay': classifier(models['digits, no decay'], optimizer(0), asked.seed),
      // Reads the other columns of a batch.
      drawings: { ...colour, step: (state, _image, _label, ...batch) => colour.step(state, ...batch) },
    };
    return {
      ...data,
      about: `${data.about}; ${drawn.label.data.length} drawings`,
      batches,
      ...sideBySide(learners),
      async finish(state, { history, seed, put }) {
        const before = eachOf(NAMES, (name) => learners[name].start().params.conv.weight as Tensor);
        const after = eachOf(NAMES, (name) => state[name].params.conv.weight as Tensor);
        const smooth = (weights: Readonly<Record<Name, Tensor>>): Record<Name, number> =>
          eachOf(NAMES, (name) => neighbourCorrelation(weights[name].dataSync(), KERNEL[name]));
        const [was, is] = [smooth(before), smooth(after)];
        const right = {
          digits: await shareRight(models.digits, state.digits, test),
          'digits, no decay': await shareRight(models['digits, no decay'], state['digits, no decay'], test),
        };
        const [{ image }] = test.epoch(0) as Iterable<any> as [any];
        const { conv } = models.digits.layers as Record<string, Layer>;
        const [maps] = conv!.apply(state.digits.params.conv, {}, put(columnTensor(image)), { train: false });
        const patches = strongest(maps.dataSync(), maps.shape).flatMap(({ image: index, at }) =>
          window(image, index, at, GREY),
        );
        return {
          result: {
            name: 'correlation of neighbouring weights, digits',
            value: is.digits,
            digits: 3,
          },
          goals: [
            {
              name: 'correlation of neighbouring weights before training, at most 0.1 in size',
              value: -Math.max(...NAMES.map((name) => Math.abs(was[name]))),
              atLeast: -0.1,
            },
            { name: 'correlation of neighbouring weights, digits', value: is.digits, atLeast: 0.5 },
            { name: 'correlation of neighbouring weights, drawings', value: is.drawings, atLeast: 0.5 },
            { name: 'gained by weight decay', value: is.digits - is['digits, no decay'], atLeast: 0.05 },
          ],
          figures: { 'correlation before': was, 'correlation after': is, 'test accuracy': right },
          subtitle: `${data.about}, seed ${seed}`,
          facts: NAMES.flatMap((name) => [[`Correlation, ${name}`, is[name].toFixed(2)] as const]),
          sections: [
            {
              title: 'Digits, 9×9',
              intro: `Blue is negative, white zero, red positive. The last row shows, filter by filter, the piece of a test image that it answers to most.`,
              html:
                picture(before.digits, 'Before') +
                picture(after['digits, no decay'], 'After, without weight decay') +
                picture(after.digits, `After, with a weight decay of ${DECAY}`) +
                imageGrid({
                  images: patches,
                  shape: [16, 1, GREY, GREY],
                  title: 'What it answers to',
                  scale: 5,
                  columns: 16,
                }),
            },
            {
              title: 'Drawings, 7×7 in colour',
              intro: 'Each filter from its least to its greatest weight, as a picture in red, green and blue.',
              html: picture(before.drawings, 'Before') + picture(after.drawings, 'After'),
            },
            {
              title: 'Numbers',
              intro: 'The correlation of weights with those beside and beneath them: 0 is noise, near 1 is smooth.',
              html: table({
                columns: ['Network', 'Correlation before', 'After', 'Test accuracy'],
                rows: NAMES.map((name) => [
                  name,
                  was[name].toFixed(2),
                  is[name].toFixed(2),
                  name === 'drawings' ? '–' : `${(100 * right[name]).toFixed(1)}%`,
                ]),
              }),
            },
            {
              title: 'Learning',
              intro: 'Loss of each batch before its step.',
              html: curves(history, {
                title: 'Loss',
                logY: true,
                smooth: 0.95,
                metrics: eachOf(NAMES, (name) => `loss ${name}`),
              }),
            },
          ],
          footer: `MNIST: ${MNIST_LICENCE}\nDrawings: ${licence}`,
          figure: colourSheet([before.drawings, after.drawings]),
        };
      },
    };
  },
};
