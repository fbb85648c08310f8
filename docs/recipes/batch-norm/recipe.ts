import {
  curves,
  eachOf,
  objectiveJob,
  sideBySide,
  whileFinite,
  type Held,
  type Job,
  type Learner,
  type Recipe,
} from '@lemmata/cli';
import { crossEntropy } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import { sgd, type Optimizer } from '@lemmata/optim';
import { mean, mul, sqrt, square, std, type Tensor } from '@lemmata/tensor';
import type { TrainState } from '@lemmata/train';
import { columns, lineChart, table } from '@lemmata/visualize';
import { classifier, DIGIT, lesson, shareRight } from '../shared/lesson.js';
import { MNIST_LICENCE, mnistFolder, MNIST_FILES } from '../shared/mnist.js';
import { KINDS, network, type Kind } from './networks.js';

/** Multiples of the learning rate, and of the scale of first weights, that are tried. */
const RATES = [0.1, 0.3, 1, 3, 10, 30, 100];
const SCALES = [0.03, 0.1, 0.3, 1, 3, 10, 30];
/** What a network that trains gets right of its training images at least. */
const TRAINED = 0.95;

interface Run {
  readonly kind: Kind;
  readonly rate: number;
  readonly scale: number;
}
const nameOf = ({ kind, rate, scale }: Run): string => `${kind}, rate ×${rate}, weights ×${scale}`;
const ofRate = (kind: Kind, rate: number): Run => ({ kind, rate, scale: 1 });
const ofScale = (kind: Kind, scale: number): Run => ({ kind, rate: 1, scale });
const RUNS: ReadonlyMap<string, Run> = new Map(
  KINDS.flatMap((kind) => [
    ...RATES.map((rate) => ofRate(kind, rate)),
    ...SCALES.map((scale) => ofScale(kind, scale)),
  ]).map((run) => [nameOf(run), run] as const),
);

/** Networks with batch norm beside the same without: the rates and first weights from which they learn, and what their layers see. */
export const recipe: Recipe = {
  name: 'batch-norm',
  title: 'Batch norm against none',
  settings: { epochs: 12, batchSize: 50, learningRate: 0.05, limit: 2000 },
  quick: { epochs: 1, limit: 100 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<Readonly<Record<string, Held<TrainState>>>>> {
    const { data, seen, test } = await lesson(asked, 10_000);
    const models = new Map([...RUNS].map(([name, { kind, scale }]) => [name, network(kind, scale)] as const));
    const learners = eachOf([...RUNS.keys()], (name) => {
      const { rate, scale } = RUNS.get(name)!;
      const model = models.get(name)!;
      const optimizer = sgd({ learningRate: asked.learningRate * rate });
      const make = rate === 1 && scale === 1 ? watched : classifier;
      return whileFinite(make(model, optimizer, asked.seed));
    });
    return {
      ...data,
      ...sideBySide(learners),
      async finish(state, { history, seed }) {
        const right: Record<string, { seen: number; test: number }> = {};
        for (const [name, model] of models) {
          const trained = state[name]!.now;
          right[name] = { seen: await shareRight(model, trained, seen), test: await shareRight(model, trained, test) };
        }
        const at = (run: Run): number => right[nameOf(run)]!.test;
        const trains = (run: Run): boolean => right[nameOf(run)]!.seen >= TRAINED;
        const largest = eachOf(KINDS, (kind) => Math.max(0, ...RATES.filter((rate) => trains(ofRate(kind, rate)))));
        const steps = history.filter(({ kind }) => kind === 'step');
        const broken = RATES.find((rate) => state[nameOf(ofRate('none', rate))]!.taken.item() < steps.length);
        const scales = eachOf(KINDS, (kind) => SCALES.filter((scale) => trains(ofScale(kind, scale))).length);
        /** How many times its least the spread of what a layer sees becomes. */
        const moves = eachOf(KINDS, (kind) => {
          const spreads = steps.map(({ metrics }) => metrics[`spread ${nameOf(ofRate(kind, 1))}`]!);
          return Math.max(...spreads) / Math.min(...spreads);
        });
        /** The run of each kind that is right most often on the test images, and how much more often on its training images. */
        const best = eachOf(KINDS, (own) =>
          [...RUNS.values()].filter(({ kind }) => kind === own).reduce((a, b) => (at(b) > at(a) ? b : a)),
        );
        const gap = eachOf(KINDS, (kind) => right[nameOf(best[kind])]!.seen - at(best[kind]));
        const percent = (v: number): string => `${(100 * v).toFixed(1)}%`;
        const rates = lineChart({
          title: 'Training accuracy by learning rate',
          xLabel: 'learning rate',
          logX: true,
          series: KINDS.map((kind) => ({
            name: kind,
            x: RATES.map((rate) => rate * asked.learningRate),
            y: RATES.map((rate) => right[nameOf(ofRate(kind, rate))]!.seen),
          })),
        });
        return {
          result: {
            name: 'largest learning rate with batch norm beside that without',
            value: largest['batch norm'] / Math.max(largest.none, RATES[0]!),
            digits: 1,
          },
          goals: [
            {
              name: 'largest rate that trains, with batch norm beside without',
              value: largest['batch norm'] / largest.none,
              atLeast: 3,
              aim: 10,
            },
            {
              name: 'training accuracy with batch norm at the least rate at which the network without ceases to be finite',
              value: broken === undefined ? 0 : right[nameOf(ofRate('batch norm', broken))]!.seen,
              atLeast: TRAINED,
            },
            {
              name: 'scales of first weights that train, with batch norm more than without',
              value: scales['batch norm'] - scales.none,
              atLeast: 2,
            },
            {
              name: "growth of the spread of a layer's inputs, without batch norm beside with",
              value: moves.none / moves['batch norm'],
              atLeast: 1.5,
            },
            {
              name: 'gap between training and test accuracy in the best run, without batch norm more than with',
              value: gap.none - gap['batch norm'],
              atLeast: 0.005,
            },
          ],
          figures: {
            'largest rate': eachOf(KINDS, (kind) => Number((largest[kind] * asked.learningRate).toPrecision(3))),
            'scales that train': scales,
            'growth of the spread': moves,
            'best run': eachOf(KINDS, (kind) => nameOf(best[kind])),
            'its test accuracy': eachOf(KINDS, (kind) => at(best[kind])),
            'its gap between training and test accuracy': gap,
          },
          subtitle: `${data.about}, seed ${seed}`,
          facts: [
            ['Largest rate, with batch norm', (largest['batch norm'] * asked.learningRate).toPrecision(2)],
            ['Largest rate, without', (largest.none * asked.learningRate).toPrecision(2)],
            ['Scales that train, with', `${scales['batch norm']} of ${SCALES.length}`],
            ['Scales that train, without', `${scales.none} of ${SCALES.length}`],
          ],
          sections: [
            {
              title: 'Learning rates and first weights',
              intro: `Each point is a network trained on its own; it trains if it gets ${percent(TRAINED)} of its training images right.`,
              html: columns(
                rates,
                lineChart({
                  title: 'Training accuracy by scale of the first weights',
                  xLabel: 'times what He et al. 2015 say',
                  logX: true,
                  series: KINDS.map((kind) => ({
                    name: kind,
                    x: SCALES,
                    y: SCALES.map((scale) => right[nameOf(ofScale(kind, scale))]!.seen),
                  })),
                }),
              ),
            },
            {
              title: 'What a layer sees',
              intro:
                'Inputs of the third ReLU at the base rate: the mean over its units of their standard deviation in a batch, and the root mean square of their means.',
              html: columns(
                curves(history, {
                  title: 'Spread',
                  smooth: 0.8,
                  metrics: eachOf(KINDS, (kind) => `spread ${nameOf(ofRate(kind, 1))}`),
                }),
                curves(history, {
                  title: 'Size of means',
                  smooth: 0.8,
                  metrics: eachOf(KINDS, (kind) => `middle ${nameOf(ofRate(kind, 1))}`),
                }),
              ),
            },
            {
              title: 'Learning',
              intro:
                'Loss of each batch before its step; a network whose values cease to be finite stays where it was.',
              html: columns(
                ...[1, 10].map((rate) =>
                  curves(history, {
                    title: `Loss at learning rate ${rate * asked.learningRate}`,
                    logY: true,
                    smooth: 0.9,
                    metrics: eachOf(KINDS, (kind) => `loss ${nameOf(ofRate(kind, rate))}`),
                  }),
                ),
              ),
            },
            {
              title: 'All runs',
              html: table({
                columns: ['Run', 'Steps taken', 'Training accuracy', 'Test accuracy', 'Gap'],
                rows: [...RUNS.keys()].map((name) => {
                  const { seen: own, test: other } = right[name]!;
                  return [name, state[name]!.taken.item(), percent(own), percent(other), percent(own - other)];
                }),
              }),
            },
          ],
          footer: `MNIST: ${MNIST_LICENCE}`,
          figure: rates,
        };
      },
    };
  },
};

/** A classifier that reports of what its third ReLU reads. */
function watched(model: Layer, optimizer: Optimizer, seed: number): Learner<TrainState> {
  return objectiveJob({
    model,
    inputShape: DIGIT,
    objective: (params, { state, batch: [image, label] }) => {
      const next: Record<string, unknown> = {};
      let [y, metrics]: [Tensor, Record<string, Tensor>] = [image!, {}];
      for (const [name, layer] of Object.entries(model.layers!)) {
        if (name === 'relu3') metrics = statistics(y);
        [y, next[name]] = layer.apply(params[name], state[name], y, { train: true });
      }
      return [crossEntropy(y, label!), { state: next, metrics }];
    },
    optimizer,
    seed,
  });
}

/** Of values [n, units], as sums over the batch. */
function statistics(y: Tensor): Record<string, Tensor> {
  const n = y.shape[0]!;
  return {
    spread: mul(mean(std(y, { axis: 0 })), n),
    middle: mul(sqrt(mean(square(mean(y, { axis: 0 })))), n),
  };
}
