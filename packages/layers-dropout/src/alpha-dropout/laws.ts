import { floats, type Law, type Laws, layerLaws, opLaws, truths, Violation } from '@lemmata/laws';
import { key as keyOf, mul, randomNormal, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { dropout } from '../dropout/index.js';
import { AlphaDrop, alphaDropout, alphaDropoutLayer } from './alpha-dropout.js';
import { droppingSearch } from '../search.laws.js';

const train = true;

const op: Laws = opLaws(AlphaDrop, {
  samples: [
    { attrs: { scale: 0.8, shift: 0.25, dropped: -1.5 }, inputs: [truths([2, 3]), floats([2, 3])] },
    { attrs: { scale: 1, shift: 0, dropped: 0 }, inputs: [truths([5]), floats([5])] },
  ],
  invalid: [{ attrs: { scale: 1, shift: 0, dropped: 0 }, inputs: [truths([2]), floats([3])], throws: /equal shapes/ }],
  formula: ({ scale, shift, dropped }, mask, x) => (mask > 0 ? x * scale + shift : dropped),
});

type Dropping = (x: Tensor, p: number, key: Tensor) => Tensor;

const COUNT = 20_000;

const moments: Law<Dropping, { readonly seed: number; readonly p: number }> = {
  name: 'mean 0 and variance 1 stay',
  statement: 'Of 20,000 normal numbers the mean is 0 and the variance 1 afterwards, to within six standard deviations.',
  formula: '|mean y| ≤ 6 / √n, |mean y² − 1| ≤ 6 √(kurtosis / n)',
  subject: (x, p, key) => alphaDropout(x, key, { p, train }),
  cases: fc.record({ seed: fc.nat(0x7ffffffe), p: fc.constantFrom(0.05, 0.1, 0.3, 0.5) }),
  cost: 3,
  mutants: [
    { name: 'dropout', plant: () => (x, p, key) => dropout(x, key, { p, train }) },
    { name: 'results 10 % too large', plant: (f) => (x, p, key) => mul(f(x, p, key), 1.1) },
  ],
  holds(f, { seed, p }) {
    const dropped = f(randomNormal(keyOf(seed), [COUNT], { dtype: 'float64' }), p, keyOf(seed + 1));
    const y = [...dropped.dataSync()];
    const mean = y.reduce((a, b) => a + b, 0) / COUNT;
    const square = y.reduce((a, b) => a + b * b, 0) / COUNT;
    const fourth = y.reduce((a, b) => a + b ** 4, 0) / COUNT;
    const about = [
      { what: 'mean', received: mean, expected: 0, bound: 6 / Math.sqrt(COUNT) },
      { what: 'mean square', received: square, expected: 1, bound: 6 * Math.sqrt(fourth / COUNT) },
    ];
    for (const { what, received, expected, bound } of about) {
      const error = Math.abs(received - expected);
      if (!(error <= bound)) throw new Violation({ what, received, expected, error, bound });
    }
  },
};

const layers: Laws = layerLaws('alphaDropout layers', {
  samples: [
    { layer: alphaDropoutLayer(), inputShape: [4, 5] },
    { layer: alphaDropoutLayer({ p: 0.2 }), inputShape: [20] },
  ],
  stochastic: true,
});

const SATURATED = -1.0507009873554805 * 1.6732632423543772;
/** What is dropped becomes the lowest of SELU; then all are mapped so that mean 0 and variance 1 stay. */
function alphaElement(x: number, kept: boolean, p: number): number {
  const a = ((1 - p) * (1 + p * SATURATED ** 2)) ** -0.5;
  return a * (kept ? x : SATURATED) - a * p * SATURATED;
}

/** Of the op, of the function, and of the layers. */
export const laws: readonly Laws[] = [
  op,
  { subject: 'alphaDropout', laws: [moments] },
  layers,
  droppingSearch('alphaDropout', {
    call: alphaDropout,
    layer: alphaDropoutLayer,
    mask: (shape) => shape,
    element: alphaElement,
  }),
];
