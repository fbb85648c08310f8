import {
  curves,
  duration,
  eachOf,
  layersSection,
  limited,
  objectiveJob,
  sideBySide,
  type Job,
  type Recipe,
} from '@lemmata/cli';
import { arrayDataset, loader, subset } from '@lemmata/data';
import { loadMnist } from '@lemmata/data/node';
import { crossEntropy } from '@lemmata/losses';
import { infer, countParameters } from '@lemmata/nn';
import { adam, cosine, type Optimizer } from '@lemmata/optim';
import { key, split, type Key } from '@lemmata/random';
import { add, argmax, tensor } from '@lemmata/tensor';
import { columnTensor, confusionMatrix, dice, iou, meanScore, type TrainState } from '@lemmata/train';
import { imageGrid, table } from '@lemmata/visualize';
import { emojiFolder } from '../emoji/drawings.js';
import { MNIST_LICENCE, mnistFolder, MNIST_FILES } from '../shared/mnist.js';
import { coarseLoss, initCoarseHeads } from './deep-supervision.js';
import { DEPTH, NAMES, networks, type Name, unetWidth } from './networks.js';
import { digitColours, overlaid } from './overlay.js';
import { backdrops, CLASSES, scenes, SIDE } from './scenes.js';

type State = Readonly<Record<Name, TrainState>>;
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit + 1);

/** How much a pixel of the background counts in the losses: it is nine tenths of a scene, and easily told. */
const BACKGROUND = 0.2;

/** Adam; the few weights of the U-Net's last layer have far to go, and take larger steps. */
function optimizer(name: Name, learningRate: number, steps: number): Optimizer {
  const rate = cosine({ peak: learningRate, steps });
  const head = {
    match: (path: string) => path.startsWith('net.head'),
    learningRate: cosine({ peak: 4 * learningRate, steps }),
  };
  return adam({ learningRate: rate, ...(name === 'U-Net' ? { groups: [head] } : {}) });
}

/** Which pixels belong to which digit, on cluttered backgrounds: fully convolutional networks beside a U-Net. */
export const recipe: Recipe = {
  name: 'segmentation',
  title: 'Segmentation: FCN and U-Net',
  settings: { epochs: 1, batchSize: 4, learningRate: 2e-3, limit: 7000 },
  quick: { batchSize: 4, limit: 16 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<State>> {
    const digits = await loadMnist(asked.data);
    const backdrop = await backdrops(emojiFolder());
    const [forTrain, forTest] = split(key(asked.seed), 2) as [Key, Key];
    const data = limited(digits.train, asked, 'digits');
    const batches = loader(data, {
      batchSize: asked.batchSize,
      shuffle: key(asked.seed),
      transform: scenes(forTrain, backdrop.train),
    });
    const held = subset(
      arrayDataset(digits.test),
      Int32Array.from({ length: asked.quick ? 8 : 500 }, (_, i) => i),
    );
    const test = loader(held, { batchSize: 10, shuffle: false, transform: scenes(forTest, backdrop.test) });
    const width = asked.quick ? 2 : 8;
    const models = networks(width);
    const steps = batches.steps * asked.epochs;
    const jobs = eachOf(NAMES, (name) => {
      const model = models[name];
      const deep = name === 'U-Net';
      return objectiveJob({
        model: {
          init(initKey, shape) {
            const { params, ...rest } = model.init(initKey, shape);
            return {
              ...rest,
              params: { net: params, ...(deep ? { coarse: initCoarseHeads(initKey, DEPTH, unetWidth(width)) } : {}) },
            };
          },
        },
        inputShape: [1, SIDE, SIDE],
        objective: (params, { state, batch: [image, mask], key: stepKey }) => {
          const [logits, next] = model.apply(params.net, state, image!, { train: true, key: stepKey });
          const weight = tensor(Array.from({ length: CLASSES }, (_, c) => (c === 0 ? BACKGROUND : 1)));
          const loss = crossEntropy(logits, mask!, { weight });
          const all = deep ? add(loss, coarseLoss(model, params, state, image!, mask!, weight)) : loss;
          return [all, { state: next, metrics: {} }];
        },
        optimizer: optimizer(name, asked.learningRate, steps),
        seed: asked.seed,
      });
    });
    const about = `${data.length} scenes to train on, ${held.length} to test: MNIST digits on sheets of emoji`;
    return {
      about,
      unit: 'scenes',
      samples: data.length,
      batches,
      ...sideBySide(jobs),
      finish(state, { history, seconds, seed, put }) {
        const counted = eachOf(NAMES, () => Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0)));
        const pictures: Record<string, Uint8Array> = {};
        for (const { image, mask } of test.epoch(0)) {
          const first = Object.keys(pictures).length === 0;
          if (first) pictures['what is'] = overlaid(image.data, mask.data);
          for (const name of NAMES) {
            const { params, state: own } = state[name];
            const said = argmax(infer(models[name], params.net, own, put(columnTensor(image))), { axis: 1 }).dataSync();
            confusionMatrix(mask.data, said, CLASSES).forEach((row, is) =>
              row.forEach((count, c) => (counted[name][is]![c]! += count)),
            );
            if (first) pictures[name] = overlaid(image.data, said);
          }
        }
        const scores = eachOf(NAMES, (name) => ({
          iou: meanScore(iou(counted[name]), DIGITS),
          dice: meanScore(dice(counted[name]), DIGITS),
          parameters: countParameters(state[name].params.net),
        }));
        // In a quick run some digit may be missing: it has no score.
        const value = (name: Name): number => (Number.isNaN(scores[name].iou) && asked.quick ? 0 : scores[name].iou);
        return Promise.resolve({
          result: { name: 'test IoU over digits, U-Net', value: value('U-Net'), digits: 4 },
          goals: [
            { name: 'IoU of the U-Net', value: value('U-Net'), atLeast: 0.8, aim: 0.9 },
            { name: 'IoU of FCN-8s', value: value('FCN-8s'), atLeast: 0.55 },
            { name: 'IoU of FCN-8s above FCN-16s', value: value('FCN-8s') - value('FCN-16s'), atLeast: 0 },
            { name: 'IoU of FCN-16s above FCN-32s', value: value('FCN-16s') - value('FCN-32s'), atLeast: 0 },
          ],
          figures: scores,
          subtitle: `${about}, seed ${seed}`,
          facts: [
            ...NAMES.map((name) => [`IoU ${name}`, value(name).toFixed(3)] as const),
            ['Training time, all four', duration(seconds)],
          ],
          sections: [
            {
              title: 'Learning',
              intro: 'Losses of each batch before its step; the U-Net’s has the mean loss of its coarse levels in it.',
              html: curves(history, {
                title: 'Loss',
                logY: true,
                smooth: 0.97,
                metrics: eachOf(NAMES, (name) => `loss ${name}`),
              }),
            },
            {
              title: 'Scores',
              intro: 'Means over the ten digits; the background is not counted.',
              html: table({
                columns: ['Network', 'Parameters', 'IoU', 'Dice'],
                rows: NAMES.map((name) => [
                  name,
                  scores[name].parameters,
                  value(name).toFixed(4),
                  Number.isNaN(scores[name].dice) ? '–' : scores[name].dice.toFixed(4),
                ]),
              }),
            },
            {
              title: 'Overlays',
              intro: 'The first test scenes; each digit has its colour.',
              html: [
                digitColours(),
                ...Object.entries(pictures).map(([title, images]) =>
                  imageGrid({
                    images,
                    shape: [images.length / (3 * SIDE * SIDE), 3, SIDE, SIDE],
                    normalise: [0, 255],
                    scale: 1,
                    columns: 4,
                    title,
                  }),
                ),
              ].join(''),
            },
            layersSection(models['U-Net'], [1, SIDE, SIDE], 'Layers of the U-Net'),
            layersSection(models['FCN-8s'], [1, SIDE, SIDE], 'Layers of FCN-8s'),
          ],
          footer: `MNIST: ${MNIST_LICENCE}. Backgrounds: the npm package emoji-datasource`,
        });
      },
    };
  },
};
