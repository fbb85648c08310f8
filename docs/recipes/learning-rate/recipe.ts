import { curves, eachOf, sideBySide, whileFinite, type Held, type Job, type Recipe } from '@lemmata/cli';
import { reluLayer } from '@lemmata/layers-activation';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { crossEntropy } from '@lemmata/losses';
import { sequential } from '@lemmata/nn';
import { cosine, sgd, type Schedule } from '@lemmata/optim';
import { findLearningRate, initialState, type TrainState } from '@lemmata/train';
import { columns, lineChart, table } from '@lemmata/visualize';
import { classifier, DIGIT, lesson, shareRight } from '../shared/lesson.js';
import { MNIST_LICENCE, mnistFolder, MNIST_FILES } from '../shared/mnist.js';

const model = sequential({
  flatten: flattenLayer(),
  fc1: linearLayer({ outFeatures: 64 }),
  relu1: reluLayer(),
  fc2: linearLayer({ outFeatures: 64 }),
  relu2: reluLayer(),
  out: linearLayer({ outFeatures: 10 }),
});

/** Rates that are tried, as multiples of the learning rate that is asked for. */
const FACTORS = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
const TOO_SMALL = 0.01;
const TOO_LARGE = 3;
/** The right rate from beginning to end, and one that falls to 0. */
const FALLING = 'falling';

/** The same network trained with learning rates from much too small to much too large, and the finder that tells them apart. */
export const recipe: Recipe = {
  name: 'learning-rate',
  title: 'Choosing a learning rate',
  settings: { epochs: 10, batchSize: 50, learningRate: 0.1, limit: 3000 },
  quick: { epochs: 1, limit: 300 },
  dataFolder: mnistFolder,
  dataHolds: MNIST_FILES,
  async prepare(asked): Promise<Job<Readonly<Record<string, Held<TrainState>>>>> {
    const { data, test } = await lesson(asked, 10_000);
    const steps = data.batches.steps * asked.epochs;
    const rates: Record<string, Schedule | number> = {
      ...Object.fromEntries(FACTORS.map((factor) => [`rate ${rateOf(factor)}`, factor * asked.learningRate])),
      [FALLING]: cosine({ peak: asked.learningRate, steps }),
    };
    /** As text, without the digits that multiplying leaves behind. */
    function rateOf(factor: number): string {
      return String(Number((factor * asked.learningRate).toPrecision(3)));
    }
    const nameOf = (factor: number): string => `rate ${rateOf(factor)}`;
    return {
      ...data,
      ...sideBySide(
        eachOf(Object.keys(rates), (name) =>
          whileFinite(classifier(model, sgd({ learningRate: rates[name]!, momentum: 0.9 }), asked.seed)),
        ),
      ),
      async finish(state, { history, seed, put }) {
        const accuracy: Record<string, number> = {};
        for (const name of Object.keys(rates)) accuracy[name] = await shareRight(model, state[name]!.now, test);
        const start = initialState(model, sgd({ learningRate: 1 }), DIGIT, seed);
        const found = await findLearningRate({
          model,
          loss: crossEntropy,
          optimizer: (learningRate) => sgd({ learningRate, momentum: 0.9 }),
          batches: data.batches,
          from: put({ params: start.params, state: start.state, key: start.key }),
          lowest: 1e-5,
          highest: 30,
          steps: asked.quick ? 20 : 150,
          smoothing: 0.9,
          example: ({ image, label }: any) => [image, label],
        });
        const best = FACTORS.reduce((a, b) => (accuracy[nameOf(b)]! > accuracy[nameOf(a)]! ? b : a));
        const suggestion = found.suggestion ?? 0;
        /** The rate that was tried next to the finder's. */
        const distance = (factor: number): number => Math.abs(Math.log((factor * asked.learningRate) / suggestion));
        const nearest = FACTORS.reduce((a, b) => (distance(b) < distance(a) ? b : a));
        const finder = lineChart({
          title: 'Loss while the rate grows from step to step',
          xLabel: 'learning rate',
          logX: true,
          logY: true,
          series: [
            { name: 'loss', x: found.rates, y: found.losses },
            { name: 'smoothed', x: found.rates, y: found.smoothed },
          ],
        });
        const byRate = lineChart({
          title: 'Test accuracy by learning rate',
          xLabel: 'learning rate',
          logX: true,
          series: [
            {
              name: 'test accuracy',
              x: FACTORS.map((f) => f * asked.learningRate),
              y: FACTORS.map((f) => accuracy[nameOf(f)]!),
            },
          ],
        });
        const losses = curves(history, {
          title: 'Loss: too small, right, too large',
          logY: true,
          smooth: 0.9,
          metrics: Object.fromEntries(
            [TOO_SMALL, best, TOO_LARGE].map((factor) => [nameOf(factor), `loss ${nameOf(factor)}`]),
          ),
        });
        const percent = (v: number): string => `${(100 * v).toFixed(2)}%`;
        return {
          result: { name: 'test accuracy, best rate tried', value: accuracy[nameOf(best)]!, digits: 4 },
          goals: [
            {
              name: `lost at rate ${rateOf(TOO_SMALL)}, too small`,
              value: accuracy[nameOf(best)]! - accuracy[nameOf(TOO_SMALL)]!,
              atLeast: 0.05,
            },
            {
              name: `lost at rate ${rateOf(TOO_LARGE)}, too large`,
              value: accuracy[nameOf(best)]! - accuracy[nameOf(TOO_LARGE)]!,
              atLeast: 0.05,
            },
            {
              name: "test accuracy at the tried rate next to the finder's",
              value: accuracy[nameOf(nearest)]!,
              atLeast: 0.9,
            },
            {
              name: 'gained by letting the rate fall to 0',
              value: accuracy[FALLING]! - accuracy[nameOf(1)]!,
              atLeast: 0,
            },
          ],
          figures: { accuracy, "the finder's rate": suggestion },
          subtitle: `${data.about}, ${steps} steps with momentum 0.9, seed ${seed}`,
          facts: [
            ['Best rate tried', rateOf(best)],
            ["The finder's rate", suggestion.toPrecision(2)],
            [`Accuracy at ${rateOf(TOO_SMALL)}`, percent(accuracy[nameOf(TOO_SMALL)]!)],
            [`Accuracy at ${rateOf(best)}`, percent(accuracy[nameOf(best)]!)],
            [`Accuracy at ${rateOf(TOO_LARGE)}`, percent(accuracy[nameOf(TOO_LARGE)]!)],
            [`${rateOf(1)}, falling to 0`, percent(accuracy[FALLING]!)],
          ],
          sections: [
            {
              title: 'Learning',
              intro:
                'Loss of each batch before its step; a network whose values cease to be finite stays where it was.',
              html: columns(losses, byRate),
            },
            {
              title: 'The finder',
              intro: `Where the smoothed loss falls fastest: ${suggestion.toPrecision(2)}. It took ${found.rates.length} steps, each network above ${steps}.`,
              html: columns(
                finder,
                curves(history, {
                  title: `Rate ${rateOf(1)}: constant, and falling`,
                  logY: true,
                  smooth: 0.9,
                  metrics: { constant: `loss ${nameOf(1)}`, falling: `loss ${FALLING}` },
                }),
              ),
            },
            {
              title: 'All runs',
              html: table({
                columns: ['Learning rate', 'Steps taken', 'Test accuracy'],
                rows: Object.keys(rates).map((name) => [
                  name === FALLING ? `${rateOf(1)}, falling to 0 by half a cosine` : name.replace('rate ', ''),
                  state[name]!.taken.item(),
                  percent(accuracy[name]!),
                ]),
              }),
            },
          ],
          footer: `MNIST: ${MNIST_LICENCE}`,
          figure: losses,
        };
      },
    };
  },
};
