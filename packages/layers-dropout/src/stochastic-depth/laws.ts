import { allLaws, dropoutLaws, expectSame, type Law, type Laws, layerLaws, Violation } from '@lemmata/laws';
import { key as keyOf, ones, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { togetherLaw } from '../together.laws.js';
import { stochasticDepth, stochasticDepthLayer } from './stochastic-depth.js';
import { droppingSearch } from '../search.laws.js';

const train = true;
const byRow = (x: Tensor, p: number, key: Tensor): Tensor => stochasticDepth(x, key, { p, train });

interface Drawn {
  readonly seed: number;
}

type Batch = (x: Tensor, key: Tensor) => Tensor;

const asOne: Law<Batch, Drawn> = {
  name: 'a batch is dropped as one',
  statement: 'In batch mode a batch is 0 or doubled for p = ½, and of 40 keys some do the one and some the other.',
  formula: 'y ∈ {0, 2 x}',
  subject: (x, key) => stochasticDepth(x, key, { p: 0.5, mode: 'batch', train }),
  cases: fc.record({ seed: fc.nat(0x7fffff00) }),
  mutants: [
    { name: 'each sample on its own', plant: () => (x, key) => stochasticDepth(x, key, { p: 0.5, train }) },
    { name: 'the key is ignored', plant: (f) => (x) => f(x, keyOf(1)) },
  ],
  holds(f, { seed }) {
    const seen = new Set<number>();
    for (let i = 0; i < 40; i++) {
      const y = f(ones([8, 2], 'float64'), keyOf(seed + i)).dataSync();
      expectSame(
        { what: 'batch of ones', shape: [8, 2], source: 'its first' },
        y,
        y.map(() => y[0]),
      );
      seen.add(y[0]);
    }
    if (seen.size !== 2 || !seen.has(0) || !seen.has(2))
      throw new Violation({ what: 'outputs of ones', received: [...seen], expected: [0, 2] });
  },
};

const functions: Laws = allLaws(
  'stochasticDepth',
  dropoutLaws('stochasticDepth', { dropout: byRow, shape: [500, 4], together: 4 }),
  { subject: 'stochasticDepth', laws: [togetherLaw(byRow, [32, 2, 2], [0]), asOne] },
);

const layers: Laws = layerLaws('stochasticDepth layers', {
  samples: [
    { layer: stochasticDepthLayer({ p: 0.5 }), inputShape: [2], batch: 8 },
    { layer: stochasticDepthLayer({ p: 0.5, mode: 'batch' }), inputShape: [2, 2] },
  ],
  stochastic: true,
});

/** Of the function in both modes, and of the layers. */
export const laws: readonly Laws[] = [
  functions,
  layers,
  ...(['row', 'batch'] as const).map((mode) =>
    droppingSearch(`stochasticDepth of mode ${mode}`, {
      call: (x, key, o) => stochasticDepth(x, key, { ...o, mode }),
      layer: (o) => stochasticDepthLayer({ ...o, mode }),
      mask: (shape) => shape.map((n, axis) => (axis === 0 && mode === 'row' ? n : 1)),
    }),
  ),
];
