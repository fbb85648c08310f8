import { curves, eachOf, objectiveJob, sideBySide, type HistoryEntry, type Job, type Recipe } from '@lemmata/cli';
import { adagrad, adam, rmsprop, sgd, type Optimizer } from '@lemmata/optim';
import { scalar, select, tensor } from '@lemmata/tensor';
import type { TrainState } from '@lemmata/train';
import { columns, contourChart, table } from '@lemmata/visualize';
import { SURFACES, type Surface } from './surfaces.js';

/** Each with one rate for all surfaces; those that divide by the size of past gradients take longer ones. */
const OPTIMISERS = {
  SGD: (rate) => sgd({ learningRate: rate }),
  momentum: (rate) => sgd({ learningRate: rate, momentum: 0.9 }),
  Nesterov: (rate) => sgd({ learningRate: rate, momentum: 0.9, nesterov: true }),
  Adagrad: (rate) => adagrad({ learningRate: 20 * rate }),
  RMSProp: (rate) => rmsprop({ learningRate: 2 * rate }),
  Adam: (rate) => adam({ learningRate: 10 * rate }),
} satisfies Record<string, (rate: number) => Optimizer>;
type Name = keyof typeof OPTIMISERS;
type Place = keyof typeof SURFACES;
const NAMES = Object.keys(OPTIMISERS) as Name[];
const PLACES = Object.keys(SURFACES) as Place[];

const run = (place: Place, name: Name) => `${place}, ${name}`;
const RUNS = PLACES.flatMap((place) => NAMES.map((name) => [run(place, name), { place, name }] as const));

/** The way that six optimisers take from one place down three surfaces of two parameters. */
export const recipe: Recipe = {
  name: 'optimiser-paths',
  title: 'Paths of optimisers on a loss surface',
  settings: { epochs: 1, batchSize: 1, learningRate: 0.02, limit: 400 },
  quick: { limit: 20 },
  prepare({ limit = 400, learningRate, seed }): Promise<Job<Readonly<Record<string, TrainState>>>> {
    const learners = Object.fromEntries(
      RUNS.map(([at, { place, name }]) => {
        const { height, start } = SURFACES[place];
        const objective = objectiveJob({
          model: { init: () => ({ params: { at: tensor(start) }, state: {}, outputShape: [] }) },
          inputShape: [],
          objective: (params, { state }) => {
            const [x, y] = [select(params.at, 0, 0), select(params.at, 0, 1)];
            return [height(x, y), { state, metrics: { x, y } }];
          },
          optimizer: OPTIMISERS[name](learningRate),
          seed,
        });
        return [at, objective];
      }),
    );
    return Promise.resolve({
      about: `${NAMES.length} optimisers on ${PLACES.length} surfaces of two parameters`,
      unit: 'steps',
      samples: limit,
      // There is no data: a step reads nothing but the parameters.
      batches: {
        steps: limit,
        *epoch(_epoch, { from = 0 } = {}) {
          for (let i = from; i < limit; i++) yield { none: { data: Float32Array.of(0), shape: [1] } };
        },
      },
      ...sideBySide(learners),
      finish: (_state, { history }) => Promise.resolve(outcome(history, limit, learningRate)),
    });
  },
};

function outcome(history: readonly HistoryEntry[], limit: number, learningRate: number) {
  const steps = history.filter(({ kind }) => kind === 'step');
  const metric = (name: string): number[] => steps.map(({ metrics }) => metrics[name]!);
  /** Steps until the goal is reached; one more than were taken if it was not. */
  const needed = eachOf(PLACES, (place) =>
    eachOf(NAMES, (name) => {
      const at = metric(`loss ${run(place, name)}`).findIndex((height) => height < SURFACES[place].goal);
      return at < 0 ? limit + 1 : at;
    }),
  );
  /** How far beyond the minimum of the ravine a path went. */
  const overshoot = eachOf(NAMES, (name) => Math.max(0, ...metric(`x ${run('ravine', name)}`)));
  const shown = (n: number): string => (n > limit ? `more than ${limit}` : String(n));
  const pictures = eachOf(PLACES, (place) => contour(SURFACES[place], (name) => metric(name), place));
  const { ravine, saddle } = needed;
  return {
    result: { name: 'steps down the ravine, momentum', value: ravine.momentum, digits: 0 },
    goals: [
      { name: 'steps that momentum saves over SGD in the ravine', value: ravine.SGD - ravine.momentum, atLeast: 20 },
      {
        name: "how much less Nesterov overshoots than momentum, in the ravine's x",
        value: overshoot.momentum - overshoot.Nesterov,
        atLeast: 0.5,
      },
      {
        name: 'steps from the saddle of SGD beside those of Adam',
        value: saddle.SGD / saddle.Adam,
        atLeast: 3,
      },
      {
        name: 'surfaces on which momentum is faster than SGD',
        value: PLACES.filter((place) => needed[place].momentum < needed[place].SGD).length,
        atLeast: PLACES.length,
      },
    ],
    figures: { steps: needed, overshoot },
    subtitle: `${limit} steps with exact gradients, the learning rate of SGD ${learningRate}`,
    facts: NAMES.map((name) => [`Ravine, ${name}`, shown(ravine[name])] as const),
    sections: [
      {
        title: 'Paths',
        intro:
          'From the ring to the dot; the surface is the darker the higher, contour lines enclose equal areas, a cross is a minimum.',
        html: columns(pictures.ravine, pictures.valley) + columns(pictures.saddle, heights(history, 'saddle')),
      },
      {
        title: 'Steps',
        intro: `Until the height is within a thousandth of the minimum.`,
        html: table({
          columns: ['Optimiser', ...PLACES],
          rows: NAMES.map((name) => [name, ...PLACES.map((place) => shown(needed[place][name]))]),
        }),
      },
      {
        title: 'Learning',
        intro: 'The height before each step.',
        html: columns(heights(history, 'ravine'), heights(history, 'valley')),
      },
    ],
    footer: '',
    figure: pictures.ravine,
  };
}

function heights(history: readonly HistoryEntry[], place: Place): string {
  return curves(history, {
    title: `Height, ${place}`,
    logY: place !== 'saddle',
    metrics: eachOf(NAMES, (name) => `loss ${run(place, name)}`),
  });
}

function contour({ title, height, x, y, minima }: Surface, metric: (name: string) => number[], place: Place): string {
  return contourChart({
    title,
    xLabel: 'x',
    yLabel: 'y',
    surface: (px, py) => height(scalar(px), scalar(py)).item(),
    x,
    y,
    marks: minima,
    paths: NAMES.map((name) => ({
      name,
      x: metric(`x ${run(place, name)}`),
      y: metric(`y ${run(place, name)}`),
    })),
  });
}
