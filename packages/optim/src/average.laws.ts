import { compile } from '@lemmata/compile';
import { expectClose, expectSame, type Law, type Laws, noise } from '@lemmata/laws';
import { add, mul, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { type Averaged, exponentialAverage, uniformAverage, type WeightAverage } from './average.js';

interface Averages {
  exponential(decay: number): WeightAverage;
  uniform(): WeightAverage;
}

interface Drawn {
  readonly seed: number;
  readonly decay: number;
  readonly steps: number;
}

const subject: Averages = { exponential: (decay) => exponentialAverage({ decay }), uniform: uniformAverage };
const cases: fc.Arbitrary<Drawn> = fc.record({
  seed: fc.nat(0x7ffffffe),
  decay: fc.constantFrom(0.5, 0.9, 0.99),
  steps: fc.integer({ min: 2, max: 6 }),
});

/** Both averages changed in the same way. */
const planted = (change: (average: WeightAverage) => WeightAverage) => (averages: Averages) => ({
  exponential: (decay: number) => change(averages.exponential(decay)),
  uniform: () => change(averages.uniform()),
});

type Update = (averaged: Averaged<any>, params: any, right: WeightAverage) => Averaged<any>;

/** Averages whose update is another. */
const updating = (update: Update) =>
  planted((right) => ({ init: (params) => right.init(params), update: (averaged, p) => update(averaged, p, right) }));

function weightsOf({ seed, steps }: Drawn, dtype: 'float32' | 'float64'): Tensor[] {
  return Array.from({ length: steps }, (_, i) => tensor(noise(3, seed, i), { dtype }));
}

function averageOf(average: WeightAverage, weights: readonly Tensor[], start: Tensor): Averaged<{ w: Tensor }> {
  let averaged = average.init({ w: start });
  for (const w of weights) averaged = average.update(averaged, { w });
  return averaged;
}

const closedForm: Law<Averages, Drawn> = {
  name: 'averages are the sums that they say they are',
  statement:
    'The exponential average is the first weights times decayⁿ⁻¹, and each later ones times (1 − decay) decayⁿ⁻ⁱ; the uniform one is the mean. What the average was begun with has no part in it.',
  formula: 'dⁿ⁻¹ θ₁ + (1 − d) Σᵢ₌₂ⁿ dⁿ⁻ⁱ θᵢ, (1/n) Σ θᵢ',
  subject,
  cases,
  mutants: [
    { name: 'decay and its rest exchanged', plant: (a) => ({ ...a, exponential: (d) => a.exponential((1 - d) / 2) }) },
    {
      name: 'the first weights are averaged with what was there',
      plant: updating((averaged, p, right) => {
        const started = averaged.count.item() === 0 ? { ...averaged, count: add(averaged.count, 1) } : averaged;
        return right.update(started, p);
      }),
    },
    {
      name: 'the count does not advance',
      plant: updating((averaged, p, right) => ({ ...right.update(averaged, p), count: averaged.count })),
    },
    {
      name: 'the newest weights alone',
      plant: updating((averaged, p, right) => ({ ...right.update(averaged, p), average: p })),
    },
    { name: 'one average for the other', plant: (a) => ({ ...a, uniform: () => a.exponential(0.5) }) },
  ],
  holds(averages, drawn) {
    const { decay, steps, seed } = drawn;
    const weights = weightsOf(drawn, 'float64');
    const start = tensor(noise(3, seed, 99), { dtype: 'float64' });
    const sum = (share: (i: number) => number): number[] =>
      [0, 1, 2].map((k) => weights.reduce((total, w, i) => total + share(i) * w.dataSync()[k]!, 0));
    const expected = {
      exponential: sum((i) => (i === 0 ? 1 : 1 - decay) * decay ** (steps - 1 - i)),
      uniform: sum(() => 1 / steps),
    };
    for (const [name, of] of Object.entries({
      exponential: averages.exponential(decay),
      uniform: averages.uniform(),
    })) {
      const { average, count } = averageOf(of, weights, start);
      const about = { what: `${name} average of ${steps}`, shape: [3], source: 'closed form' };
      expectClose(about, average.w.dataSync(), expected[name as 'uniform'], { relative: 1e-13, absolute: 1e-14 });
      expectSame({ what: 'count', shape: [], source: 'steps' }, count.dataSync(), [steps], 'number');
    }
  },
};

const fixedPoint: Law<Averages, Drawn> = {
  name: 'weights that stay are their own average',
  statement: 'The average of the same weights at every step is these weights, bit for bit, in float32 too.',
  formula: 'θᵢ = θ ⇒ average = θ',
  subject,
  cases,
  cost: 2,
  mutants: [
    {
      name: 'a sum of two products, each rounded',
      plant: updating((averaged, { w }) => ({
        count: add(averaged.count, 1),
        average: { w: add(mul(averaged.average.w, 0.9), mul(w, 0.1)) },
      })),
    },
  ],
  holds(averages, { seed, decay, steps }) {
    const w = tensor(noise(32, seed), { dtype: 'float32' });
    for (const of of [averages.exponential(decay), averages.uniform()]) {
      const { average } = averageOf(of, new Array<Tensor>(steps).fill(w), w);
      expectSame({ what: 'average', shape: [32], source: 'the weights' }, average.w.dataSync(), w.dataSync());
    }
  },
};

interface Model {
  readonly w: Tensor;
  readonly count: Tensor;
}

const counts: Law<Averages, Drawn> = {
  name: 'what is no float is not averaged',
  statement: 'Of counts, as batch norm keeps them, the newest stands beside averaged weights.',
  formula: 'int32 ⇒ average = θₙ',
  subject,
  cases,
  mutants: [
    {
      name: 'the oldest stands',
      plant: updating((averaged, p, right) => {
        const next = right.update(averaged, p);
        return { ...next, average: { ...next.average, count: averaged.average.count } };
      }),
    },
  ],
  holds(averages, { decay, steps, seed }) {
    for (const of of [averages.exponential(decay), averages.uniform()]) {
      const at = (i: number): Model => ({ w: tensor(noise(2, seed, i)), count: tensor(5 * i, { dtype: 'int32' }) });
      let averaged = of.init(at(0));
      for (let i = 1; i <= steps; i++) averaged = of.update(averaged, at(i));
      expectSame(
        { what: 'count', shape: [], source: 'the newest' },
        averaged.average.count.dataSync(),
        [5 * steps],
        'number',
      );
    }
  },
};

/** The averages of weights that a compiled step carries along. */
type Carried = (average: WeightAverage, weights: readonly Tensor[]) => Averaged<Tensor>;

type Step = (averaged: Averaged<Tensor>, w: Tensor) => Averaged<Tensor>;

function carriedBy(make: (average: WeightAverage, start: Averaged<Tensor>) => Step): Carried {
  return (average, weights) => {
    let averaged = average.init(weights[0]!);
    const step = compile(make(average, averaged), { donate: 1 });
    for (const w of weights) averaged = step(averaged, w);
    return averaged;
  };
}

const carries: Law<Carried, Drawn> = {
  name: 'compiled steps carry the average',
  statement: 'Averages compiled once, with the state as argument and result, go where eager ones go, bit for bit.',
  formula: 'compiled(update)ⁿ(s) = updateⁿ(s)',
  subject: carriedBy((average) => (averaged, w) => average.update(averaged, w)),
  cases,
  cost: 3,
  mutants: [
    {
      name: 'the average is captured by closure',
      plant: () =>
        carriedBy((average, start) => (averaged, w) => ({ ...average.update(start, w), count: averaged.count })),
    },
  ],
  holds(carried, drawn) {
    const weights = weightsOf(drawn, 'float32');
    for (const of of [exponentialAverage({ decay: drawn.decay }), uniformAverage()]) {
      let eager = of.init(weights[0]!);
      for (const w of weights) eager = of.update(eager, w);
      const compiled = carried(of, weights);
      const about = { what: 'average', shape: [3], source: 'eager' };
      expectSame(about, compiled.average.dataSync(), eager.average.dataSync());
      expectSame({ ...about, what: 'count', shape: [] }, compiled.count.dataSync(), eager.count.dataSync(), 'number');
    }
  },
};

/** Of averages of weights. */
export const averageLaws: Laws = { subject: 'averages of weights', laws: [closedForm, fixedPoint, counts, carries] };
