import {
  distinct,
  floats,
  layerLaws,
  type Law,
  type Laws,
  opLaws,
  type OpSample,
  searchLaws,
  smallIntegers,
  Violation,
} from '@lemmata/laws';
import { type Shape, sizeOf } from '@lemmata/shape';
import { add, mul, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import type { AdaptivePoolOptions } from '../adaptive.js';
import { adaptiveSituations, everyShare } from '../adaptive.laws.js';
import { maxPool2d } from '../max-pool/index.js';
import {
  adaptiveMaxPool1dLayer,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dLayer,
  adaptiveMaxPool3dLayer,
} from './adaptive-max-pool.js';
import { AdaptiveMaxPool } from './op.js';
import { adaptiveMaxCall, adaptiveMaxSearch } from './search.laws.js';

/** No two values are near each other: which one is largest does not change under a small step. */
const apart = distinct(-4, 4);

const opLawsOfIt: Laws = opLaws(AdaptiveMaxPool, {
  samples: adaptiveSituations.map(
    ({ x, y }): OpSample<{ output: Shape }> => ({ attrs: { output: y.slice(2) }, inputs: [floats(x, apart)] }),
  ),
  invalid: [
    { attrs: { output: [2] }, inputs: [floats([1, 1, 4, 4])], throws: /must have 3 axes/ },
    { attrs: { output: [2] }, inputs: [floats([1, 1, 0])], throws: /cannot be shared out/ },
    { attrs: { output: [2] }, inputs: [floats([1, 0, 4])], throws: /at least one channel/ },
    { attrs: { output: [2] }, inputs: [{ shape: [1, 1, 4], dtype: 'bool' }], throws: /must hold numbers/ },
  ],
  oracle({ output }, x) {
    const [N, C, ...sizes] = x.shape;
    const shape = [N, C, ...output];
    const values: number[] = [];
    const indices: number[] = [];
    for (let p = 0; p < N * C; p++) {
      const at = (i: number): number => x.data[p * sizeOf(sizes) + i];
      everyShare(sizes, output, (_, reads) => {
        const largest = Math.max(...reads.map(at));
        values.push(largest);
        indices.push(reads.find((i) => at(i) === largest) ?? -1);
      });
    }
    return [
      { shape, data: values },
      { shape, data: indices },
    ];
  },
});

type Pool = (x: Tensor, options: AdaptivePoolOptions) => Tensor;

const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const dividing: Law<
  Pool,
  { readonly counts: readonly [number, number]; readonly window: readonly [number, number]; readonly seed: number }
> = {
  name: 'where the sizes divide it is max pooling',
  statement: 'With a size of m windows of k elements, the pooling to m is the max pooling with kernel and stride k.',
  formula: 'n = m · k ⇒ adaptive(x, m) = maxPool(x, k)',
  subject: adaptiveMaxPool2d,
  cases: fc.record({ counts: pair(1, 3), window: pair(1, 3), seed: fc.nat(1e6) }),
  mutants: [
    { name: '1 added', plant: (pool) => (x, o) => add(pool(x, o), 1) },
    {
      name: 'the smallest instead',
      plant: (pool, bites) => (x, o) => {
        const y = mul(pool(mul(x, -1), o), -1);
        if (String(y.dataSync()) !== String(pool(x, o).dataSync())) bites();
        return y;
      },
      conditional: true,
    },
  ],
  holds(pool, { counts, window, seed }) {
    const shape = [1, 2, counts[0] * window[0], counts[1] * window[1]];
    const x = tensor(smallIntegers(sizeOf(shape), seed), { shape });
    const expected = maxPool2d(x, { kernelSize: [...window] });
    const y = pool(x, { outputSize: [...counts] });
    if (String(y.shape) !== String(expected.shape))
      throw new Violation({ what: 'shape', received: y.shape, expected: expected.shape });
    const other = expected.dataSync();
    y.dataSync().forEach((received, i) => {
      if (received !== other[i]) throw new Violation({ what: 'maximum', index: [i], received, expected: other[i] });
    });
  },
};

const layers: Laws = layerLaws('adaptive max pool layers', {
  samples: [
    { layer: adaptiveMaxPool2dLayer({ outputSize: [2, 3] }), inputShape: [2, 3, 4], values: apart },
    { layer: adaptiveMaxPool1dLayer({ outputSize: 4 }), inputShape: [2, 3], values: apart },
    { layer: adaptiveMaxPool3dLayer({ outputSize: [1, null, 2] }), inputShape: [1, 2, 2, 3], values: apart },
  ],
  invalid: [
    { layer: adaptiveMaxPool2dLayer({ outputSize: 2 }), inputShape: [3, 4], throws: /must have 4 axes/ },
    { layer: adaptiveMaxPool2dLayer({ outputSize: 2 }), inputShape: [0, 4, 4], throws: /at least one channel/ },
  ],
});

/** Of the op, of the pooling as a function, and of the layers. */
export const laws: readonly Laws[] = [
  opLawsOfIt,
  { subject: 'adaptiveMaxPool2d', laws: [dividing] },
  searchLaws('adaptiveMaxPool', adaptiveMaxCall, adaptiveMaxSearch),
  layers,
];
