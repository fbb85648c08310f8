import { expectClose, type Law, layerLaws, type Laws, searchLaws } from '@lemmata/laws';
import { mul, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { learnedPositionsLayer, sinusoidalPositions, sinusoidalPositionsLayer } from './positions.js';
import { positionsCall, positionsSearch } from './search.laws.js';

type Positions = (length: number, features: number) => Tensor;

interface Case {
  readonly t: number;
  readonly by: number;
  readonly pairs: number;
}

const cases: fc.Arbitrary<Case> = fc.record({ t: fc.nat(40), by: fc.nat(40), pairs: fc.integer({ min: 1, max: 4 }) });
const float64: Positions = (length, features) => sinusoidalPositions(length, features, { dtype: 'float64' });
const sines: { readonly name: string; readonly plant: (f: Positions) => Positions } = {
  name: 'every wave 1 % too high',
  plant: (f) => (length, features) => mul(f(length, features), 1.01),
};

const rotation: Law<Positions, Case> = {
  name: 'a step of time is a rotation',
  statement:
    'For each frequency there is one rotation that leads from every position to that a number of steps later, so that the product of two positions depends on their distance alone.',
  formula: 'p_{t+s} = R(ω s) p_t, ⟨p_t, p_{t+s}⟩ = Σᵢ cos(ωᵢ s)',
  subject: float64,
  cases,
  mutants: [
    sines,
    {
      name: 'sines in front, cosines behind',
      plant: (f) => (length, features) => {
        const x = f(length, features);
        const data = x.dataSync();
        const half = features / 2;
        const at = (i: number): number => {
          const [row, c] = [Math.floor(i / features), i % features];
          return row * features + (c < half ? 2 * c : 2 * (c - half) + 1);
        };
        return tensor(
          data.map((_, i) => data[at(i)]),
          { shape: x.shape },
        );
      },
    },
  ],
  holds(f, { t, by, pairs }) {
    const D = 2 * pairs;
    const data = Array.from(f(t + by + 1, D).dataSync());
    const [now, later] = [data.slice(t * D, (t + 1) * D), data.slice((t + by) * D, (t + by + 1) * D)];
    const expected = Array.from({ length: D }, (_, c) => {
      const i = c - (c % 2);
      const angle = by / 10_000 ** (i / D);
      const [sin, cos] = [now[i], now[i + 1]];
      return c % 2 === 0
        ? sin * Math.cos(angle) + cos * Math.sin(angle)
        : cos * Math.cos(angle) - sin * Math.sin(angle);
    });
    const close = { relative: 1e-11, absolute: 1e-11 };
    const dot = now.reduce((total, v, i) => total + v * later[i], 0);
    const cosines = Array.from({ length: pairs }, (_, i) => Math.cos(by / 10_000 ** ((2 * i) / D)));
    expectClose({ what: 'position', shape: [D], source: 'rotated' }, later, expected, close);
    expectClose({ what: 'product', shape: [1] }, [dot], [cosines.reduce((a, b) => a + b, 0)], close);
  },
};

const layers: Laws = layerLaws('positions', {
  samples: [
    { layer: learnedPositionsLayer(), inputShape: [3, 2] },
    { layer: learnedPositionsLayer({ maxLength: 2 }), inputShape: [2, 1] },
  ],
  invalid: [
    { layer: learnedPositionsLayer({ maxLength: 2 }), inputShape: [3, 1], throws: /longer than the positions/ },
    { layer: learnedPositionsLayer(), inputShape: [3], throws: /must be \[steps, features\]/ },
  ],
});

const waves: Laws = layerLaws('sinusoidal positions', {
  samples: [
    { layer: sinusoidalPositionsLayer(), inputShape: [3, 2] },
    { layer: sinusoidalPositionsLayer({ base: 10 }), inputShape: [2, 3] },
  ],
  invalid: [{ layer: sinusoidalPositionsLayer(), inputShape: [3], throws: /must be \[steps, features\]/ }],
});

/** Of the vectors, and of the two layers. */
export const laws: readonly Laws[] = [
  { subject: 'sinusoidalPositions', laws: [rotation] },
  layers,
  waves,
  searchLaws('positions', positionsCall, positionsSearch),
];
