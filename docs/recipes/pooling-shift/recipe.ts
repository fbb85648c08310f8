import { curves, duration, eachOf, sideBySide, type Job, type Recipe } from '@lemmata/cli';
import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { avgPool2dLayer, globalMaxPool2dLayer, maxPool2dLayer } from '@lemmata/layers-pool';
import { sequential, type Layer } from '@lemmata/nn';
import { cosine, sgd } from '@lemmata/optim';
import type { Tensor } from '@lemmata/tensor';
import type { TrainState } from '@lemmata/train';
import { columns, imageGrid, lineChart, table } from '@lemmata/visualize';
import { classifier, lesson } from '../shared/lesson.js';
import { MNIST_LICENCE, MNIST_NORM, mnistFolder, MNIST_FILES } from '../shared/mnist.js';
import { asTensor, SIDE, shifted } from './shift.js';

/** How a network comes from 28×28 to smaller maps, twice by half; `nothing` keeps the size, `global max` takes the largest of each map. */
const WAYS = ['max pooling', 'average pooling', 'strided convolution', 'nothing', 'global max'] as const;
type Way = (typeof WAYS)[number];

const conv = (outChannels: number, stride: number): Layer =>
  conv2dLayer({ outChannels, kernelSize: 3, padding: 1, stride });
const POOLS: Readonly<Record<Way, () => Record<string, Layer>>> = {
  'max pooling': () => ({ pool: maxPool2dLayer({ kernelSize: 2 }) }),
  'average pooling': () => ({ pool: avgPool2dLayer({ kernelSize: 2 }) }),
  'strided convolution': () => ({}),
  nothing: () => ({}),
  'global max': () => ({}),
};

/** What becomes of an image before the layer that decides. */
function features(way: Way): Layer {
  const stride = way === 'strided convolution' ? 2 : 1;
  const stage = (channels: number): Layer =>
    sequential({ conv: conv(channels, stride), relu: reluLayer(), ...POOLS[way]() });
  return sequential({
    stage1: stage(8),
    stage2: stage(way === 'global max' ? 32 : 16),
    ...(way === 'global max' ? { global: globalMaxPool2dLayer() } : {}),
    flatten: flattenLayer(),
  });
}

const MODELS = eachOf(WAYS, (way) => sequential({ features: features(way), decide: linearLayer({ outFeatures: 10 }) }));
const SHIFTS = [0, 1, 2, 3, 4];

/** How much a shift of the image by a few pixels changes what a network sees and says, by the way in which it pools. */
export const recipe: Recipe = {
  name: 'pooling-shift',
  title: 'Pooling and small shifts',
  settings: { epochs: 3, batchSize: 50, learningRate: 0.05, limit: 5000 },
  quick: { epochs: 1, limit: 200 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<Readonly<Record<Way, TrainState>>>> {
    const { data, test } = await lesson(asked, 500);
    const steps = data.batches.steps * asked.epochs;
    const optimizer = sgd({ learningRate: cosine({ peak: asked.learningRate, steps }), momentum: 0.9 });
    return {
      ...data,
      ...sideBySide(eachOf(WAYS, (way) => classifier(MODELS[way], optimizer, asked.seed))),
      finish(state, { history, seconds, seed, put }) {
        const [batch] = test.epoch(0);
        const { image, label } = batch!;
        const background = -MNIST_NORM.mean / MNIST_NORM.std;
        const look = (way: Way, pixels: Float32Array): { seen: Tensor; said: ArrayLike<number> } => {
          const { params, state: own } = state[way];
          const x = put(asTensor(pixels));
          const { features: part, decide } = MODELS[way].layers as Record<string, Layer>;
          const [seen] = part!.apply(params.features, own.features, x, { train: false });
          const [said] = decide!.apply(params.decide, own.decide, seen, { train: false });
          return { seen, said: said.dataSync() };
        };
        const pictures = SHIFTS.map((by) => shifted(image.data, by, background));
        const measured = eachOf(WAYS, (way) => {
          const looks = pictures.map((pixels) => look(way, pixels));
          const still = looks[0]!.seen.dataSync();
          const answers = looks.map(({ said }) => digits(said));
          return {
            change: looks.map(({ seen }) => relativeChange(seen.dataSync(), still)),
            accuracy: answers.map((said) => share(said, (digit, i) => digit === label.data[i])),
            same: answers.map((said) => share(said, (digit, i) => digit === answers[0]![i])),
          };
        });
        const chart = (title: string, of: 'change' | 'accuracy'): string =>
          lineChart({
            title,
            xLabel: 'pixels to the right',
            series: WAYS.map((way) => ({ name: way, x: SHIFTS, y: measured[way][of] })),
          });
        const changes = chart('Change of what is seen', 'change');
        const lost = (way: Way, by: number): number => measured[way].accuracy[0]! - measured[way].accuracy[by]!;
        const changed = eachOf(WAYS, (way) => measured[way].change[1]!);
        const percent = (v: number): string => `${(100 * v).toFixed(1)}%`;
        return Promise.resolve({
          result: {
            name: 'change of the features by a shift of one pixel, max pooling',
            value: changed['max pooling'],
            digits: 4,
          },
          goals: [
            {
              name: 'change by one pixel, strided convolution beside max pooling',
              value: changed['strided convolution'] / changed['max pooling'],
              atLeast: 1.1,
            },
            {
              name: 'change by one pixel, nothing beside average pooling',
              value: changed.nothing / changed['average pooling'],
              atLeast: 1.5,
            },
            {
              name: 'change by one pixel, max pooling beside global max pooling',
              value: changed['max pooling'] / changed['global max'],
              atLeast: 3,
            },
            {
              name: 'accuracy lost by three pixels, strided convolution more than max pooling',
              value: lost('strided convolution', 3) - lost('max pooling', 3),
              atLeast: 0,
            },
          ],
          figures: {
            'change by one pixel': changed,
            'accuracy at 0 to 4 pixels': eachOf(WAYS, (way) =>
              measured[way].accuracy.map((a) => a.toFixed(3)).join(', '),
            ),
          },
          subtitle: `${data.about}, seed ${seed}`,
          facts: [
            ...WAYS.map((way) => [`Change, ${way}`, percent(changed[way])] as const),
            ['Training time, all five', duration(seconds)],
          ],
          sections: [
            {
              title: 'Shifts',
              intro:
                'The change is the length of the difference of the features that the last layer decides by, as a share of their length.',
              html: columns(changes, chart('Test accuracy', 'accuracy')),
            },
            {
              title: 'A digit and its shifts',
              html: imageGrid({
                images: pictures.flatMap((pixels) => [...pixels.subarray(0, SIDE * SIDE)]),
                shape: [SHIFTS.length, 1, SIDE, SIDE],
                scale: 4,
                labels: SHIFTS.map((by) => (by === 0 ? 'as it is' : `${by} to the right`)),
              }),
            },
            {
              title: 'Numbers',
              html: table({
                columns: [
                  'Between the stages',
                  'Features',
                  ...SHIFTS.slice(1).map((by) => `Change, ${by} px`),
                  ...[0, 2, 4].map((by) => `Right, ${by} px`),
                ],
                rows: WAYS.map((way) => [
                  way,
                  state[way].params.decide.weight.shape[1]!,
                  ...SHIFTS.slice(1).map((by) => percent(measured[way].change[by]!)),
                  ...[0, 2, 4].map((by) => percent(measured[way].accuracy[by]!)),
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
                metrics: eachOf(WAYS, (way) => `loss ${way}`),
              }),
            },
          ],
          footer: `MNIST: ${MNIST_LICENCE}`,
          figure: changes,
        });
      },
    };
  },
};

function relativeChange(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, length] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    length += b[i]! ** 2;
  }
  return Math.sqrt(difference / length);
}

/** The class of the largest of each ten. */
function digits(logits: ArrayLike<number>): number[] {
  return Array.from({ length: logits.length / 10 }, (_, row) => {
    const scores = Array.from({ length: 10 }, (_, c) => logits[row * 10 + c]!);
    return scores.indexOf(Math.max(...scores));
  });
}

function share(values: readonly number[], holds: (value: number, i: number) => boolean): number {
  return values.filter(holds).length / values.length;
}
