import { compile } from '@lemmata/compile';
import {
  allLaws,
  dropoutLaws,
  expectSame,
  floats,
  type Law,
  type Laws,
  layerLaws,
  opLaws,
  truths,
  Violation,
} from '@lemmata/laws';
import { sequential } from '@lemmata/nn';
import { key as keyOf, mul, ones, splitKey, sum, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { Drop, dropout, dropoutLayer } from './dropout.js';
import { droppingSearch } from '../search.laws.js';

const train = true;

const op: Laws = opLaws(Drop, {
  samples: [
    { attrs: { scale: 1 }, inputs: [truths([2, 3]), floats([2, 3])] },
    { attrs: { scale: 1.25 }, inputs: [truths([5]), floats([5])] },
  ],
  invalid: [{ attrs: { scale: 2 }, inputs: [truths([2]), floats([3])], throws: /equal shapes/ }],
  formula: ({ scale }, mask, x) => (mask > 0 ? x * scale : 0),
});

const family: Laws = dropoutLaws('dropout', { dropout: (x, p, key) => dropout(x, key, { p, train }) });

interface Drawn {
  readonly seed: number;
  readonly p: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({ seed: fc.nat(0x7ffffffe), p: fc.constantFrom(0.1, 0.25, 0.5, 0.9) });

const COUNT = 4096;

const meanStays: Law<(x: Tensor, p: number, key: Tensor) => Tensor, Drawn> = {
  name: 'the mean stays',
  statement: 'The mean over many ones is 1 to within six of its standard deviations.',
  formula: '|mean y − 1| ≤ 6 √(p / ((1 − p) n))',
  subject: (x, p, key) => dropout(x, key, { p, train }),
  cases: drawn,
  mutants: [
    { name: 'kept elements are not scaled', plant: (f) => (x, p, key) => mul(f(x, p, key), 1 - p) },
    {
      name: 'elements are scaled by 1 / p',
      plant: (f, bites) => (x, p, key) => {
        if (p !== 0.5) bites();
        return mul(f(x, p, key), (1 - p) / p);
      },
      conditional: true,
    },
  ],
  holds(f, { seed, p }) {
    const y = f(ones([COUNT], 'float64'), p, keyOf(seed));
    const mean = sum(y).item() / COUNT;
    // An element is 1 / (1 − p) with probability 1 − p: variance p / (1 − p). Six deviations are passed once in 5 · 10⁸.
    const bound = 6 * Math.sqrt(p / (1 - p) / COUNT);
    if (!(Math.abs(mean - 1) <= bound)) {
      throw new Violation({ what: 'mean', received: mean, expected: 1, error: Math.abs(mean - 1), bound });
    }
    return Math.abs(mean - 1);
  },
};

type Twice = (x: Tensor, p: number, key: Tensor) => Tensor;

const own: Law<Twice, Drawn> = {
  name: 'layers of a model have masks of their own',
  statement:
    'Of two dropout layers in a row, (1 − p)² of the elements pass, to within six standard deviations: one mask for both would pass 1 − p.',
  formula: '|kept / n − q| ≤ 6 √(q (1 − q) / n), q = (1 − p)²',
  subject: (x, p, key) => {
    const model = sequential({ first: dropoutLayer({ p }), second: dropoutLayer({ p }) });
    const { params, state } = model.init(key, x.shape.slice(1));
    return model.apply(params, state, x, { train, key })[0];
  },
  cases: drawn,
  mutants: [
    {
      name: 'one key for two layers',
      plant: () => (x, p, key) => dropout(dropout(x, key, { p, train }), key, { p, train }),
    },
  ],
  holds(f, { seed, p }) {
    const y = f(ones([1, COUNT]), p, keyOf(seed)).dataSync();
    const kept = y.filter((v: number) => v !== 0).length / COUNT;
    const q = (1 - p) ** 2;
    const bound = 6 * Math.sqrt((q * (1 - q)) / COUNT);
    if (!(Math.abs(kept - q) <= bound)) {
      throw new Violation({ what: 'part kept', received: kept, expected: q, error: Math.abs(kept - q), bound });
    }
  },
};

/** The outputs of some training steps on ones, and the key as their state. */
type Steps = (p: number, key: Tensor, count: number) => readonly Tensor[];

const step =
  (p: number) =>
  (key: Tensor, x: Tensor): [Tensor, Tensor] => {
    const [next, now] = splitKey(key, 2);
    return [next, dropout(x, now, { p, train })];
  };

/** Runs a step again and again, with the key that it returns. */
function repeat(f: (key: Tensor, x: Tensor) => readonly [Tensor, Tensor], key: Tensor, count: number): Tensor[] {
  const outputs: Tensor[] = [];
  let state = key;
  for (let i = 0; i < count; i++) {
    const [next, y] = f(state, ones([256]));
    state = next;
    outputs.push(y);
  }
  return outputs;
}

const advances: Law<Steps, Drawn> = {
  name: 'compiled steps carry the key',
  statement:
    'Steps that are compiled once, with the key as argument and result, drop what eager steps drop, and no two of them the same.',
  formula: 'compiled steps(k) = steps(k), yᵢ ≠ yⱼ',
  subject: (p, key, count) => repeat(compile(step(p), { donate: 1 }), key, count),
  cases: drawn,
  cost: 3,
  mutants: [
    {
      name: 'the key is not advanced',
      plant: () => (p, key, count) =>
        repeat(
          compile((k: Tensor, x: Tensor): [Tensor, Tensor] => [k, step(p)(k, x)[1]]),
          key,
          count,
        ),
    },
    {
      name: 'the key is captured by closure',
      plant: () => (p, key, count) =>
        repeat(
          compile((k: Tensor, x: Tensor): [Tensor, Tensor] => [k, step(p)(key, x)[1]]),
          key,
          count,
        ),
    },
  ],
  holds(steps, { seed, p }) {
    const expected = repeat(step(p), keyOf(seed), 4);
    const received = steps(p, keyOf(seed), 4);
    expected.forEach((y, i) => {
      expectSame(
        { what: `output of step ${i}`, shape: y.shape, source: 'eager' },
        received[i].dataSync(),
        y.dataSync(),
      );
    });
    const different = new Set(received.map((y) => y.dataSync().join())).size;
    if (different !== 4) throw new Violation({ what: 'different masks in 4 steps', received: different, expected: 4 });
  },
};

const special: Laws = { subject: 'dropout', laws: [meanStays, own, advances] };

const layers: Laws = layerLaws('dropout layers', {
  samples: [
    { layer: dropoutLayer(), inputShape: [4, 5] },
    { layer: dropoutLayer({ p: 0.2 }), inputShape: [20] },
  ],
  stochastic: true,
});

/** Of the op, of dropout as a function, and of the layers. */
export const laws: readonly Laws[] = [
  op,
  allLaws('dropout', family, special),
  layers,
  droppingSearch('dropout', { call: dropout, layer: dropoutLayer, mask: (shape) => shape }),
];
