import {
  type Bound,
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
import { add, mul, ones, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { type AdaptivePoolOptions } from '../adaptive.js';
import { adaptiveSituations, everyShare } from '../adaptive.laws.js';
import { avgPool2d } from '../average-pool/index.js';
import {
  adaptiveAvgPool1dLayer,
  adaptiveAvgPool2d,
  adaptiveAvgPool2dLayer,
  adaptiveAvgPool3dLayer,
} from './adaptive-average-pool.js';
import { AdaptiveAveragePool, AdaptiveAveragePoolGradient } from './op.js';
import { adaptiveAverageCall, adaptiveAverageSearch } from './search.laws.js';

const thirds: Bound = {
  relative: 1e-14,
  absolute: 1e-13,
  reason: 'a quotient such as one third is rounded; sums have at most 27 terms',
};

const forward: Laws = opLaws(AdaptiveAveragePool, {
  samples: adaptiveSituations.map(
    ({ x, y }): OpSample<{ output: Shape }> => ({ attrs: { output: y.slice(2) }, inputs: [floats(x)] }),
  ),
  linearBound: thirds,
  invalid: [
    { attrs: { output: [2] }, inputs: [floats([1, 1, 4, 4])], throws: /must have 3 axes/ },
    { attrs: { output: [2] }, inputs: [floats([1, 1, 0])], throws: /cannot be shared out/ },
    { attrs: { output: [2] }, inputs: [{ shape: [1, 1, 4], dtype: 'int32' }], throws: /float32 or float64/ },
  ],
  oracle({ output }, x) {
    const [N, C, ...sizes] = x.shape;
    const data: number[] = [];
    for (let p = 0; p < N * C; p++) {
      everyShare(sizes, output, (_, reads) => {
        data.push(reads.reduce((sum, i) => sum + x.data[p * sizeOf(sizes) + i], 0) / reads.length);
      });
    }
    return { shape: [N, C, ...output], data };
  },
});

const backward: Laws = opLaws(AdaptiveAveragePoolGradient, {
  samples: adaptiveSituations.map(
    ({ x, y }): OpSample<{ size: Shape }> => ({ attrs: { size: x.slice(2) }, inputs: [floats(y)] }),
  ),
  linearBound: thirds,
  invalid: [
    { attrs: { size: [4] }, inputs: [floats([1, 1, 2, 2])], throws: /must have 4 axes/ },
    { attrs: { size: [4] }, inputs: [{ shape: [1, 1, 2], dtype: 'int32' }], throws: /must be float32 or float64/ },
  ],
  oracle({ size }, y) {
    const [N, C, ...output] = y.shape;
    const plane = sizeOf(size);
    const data = new Array<number>(N * C * plane).fill(0);
    for (let p = 0; p < N * C; p++) {
      everyShare(size, output, (window, reads) => {
        for (const i of reads) data[p * plane + i] += y.data[p * sizeOf(output) + window] / reads.length;
      });
    }
    return { shape: [N, C, ...size], data };
  },
});

type Pool = (x: Tensor, options: AdaptivePoolOptions) => Tensor;

interface Sizes {
  readonly size: readonly [number, number];
  readonly outputSize: readonly [number, number];
}

const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const constants: Law<Pool, Sizes & { readonly value: number }> = {
  name: 'a constant picture stays constant',
  statement: 'Whatever the sizes, the averages of equal elements are those elements.',
  formula: 'pool(c) = c',
  subject: adaptiveAvgPool2d,
  cases: fc.record({ size: pair(1, 7), outputSize: pair(1, 7), value: fc.integer({ min: 1, max: 9 }) }),
  mutants: [
    { name: '1 % too large', plant: (pool) => (x, o) => mul(pool(x, o), 1.01) },
    { name: '1 added', plant: (pool) => (x, o) => add(pool(x, o), 1) },
  ],
  holds(pool, { size, outputSize, value }) {
    const y = pool(mul(ones([1, 1, ...size], 'float64'), value), { outputSize });
    expectNumbers(y, new Array<number>(sizeOf(outputSize)).fill(value), [1, 1, ...outputSize]);
  },
};

const dividing: Law<
  Pool,
  { readonly counts: readonly [number, number]; readonly window: readonly [number, number]; readonly seed: number }
> = {
  name: 'where the sizes divide it is average pooling',
  statement:
    'With a size of m windows of k elements, the pooling to m is the average pooling with kernel and stride k.',
  formula: 'n = m · k ⇒ adaptive(x, m) = avgPool(x, k)',
  subject: adaptiveAvgPool2d,
  cases: fc.record({ counts: pair(1, 3), window: pair(1, 3), seed: fc.nat(1e6) }),
  mutants: [
    {
      name: 'a window reads one more',
      plant: (pool, bites) => (x, o) => {
        if (x.shape[3] <= 1) return pool(x, o);
        bites();
        const data = x.dataSync();
        return pool(
          tensor(
            Float64Array.from(data, (v, i) => v + (data[i + 1] ?? 1) / 8),
            { shape: x.shape },
          ),
          o,
        );
      },
      conditional: true,
    },
    { name: 'twice too large', plant: (pool) => (x, o) => mul(pool(x, o), 2) },
  ],
  holds(pool, { counts, window, seed }) {
    const shape = [1, 2, counts[0] * window[0], counts[1] * window[1]];
    const x = tensor(smallIntegers(sizeOf(shape), seed), { shape });
    const expected = avgPool2d(x, { kernelSize: [...window] });
    expectNumbers(pool(x, { outputSize: [...counts] }), Array.from(expected.dataSync()), expected.shape);
  },
};

function expectNumbers(y: Tensor, expected: readonly number[], shape: Shape): void {
  if (String(y.shape) !== String(shape)) throw new Violation({ what: 'shape', received: y.shape, expected: shape });
  y.dataSync().forEach((received, i) => {
    if (received !== expected[i]) throw new Violation({ what: 'average', index: [i], received, expected: expected[i] });
  });
}

const layers: Laws = layerLaws('adaptive average pool layers', {
  samples: [
    { layer: adaptiveAvgPool2dLayer({ outputSize: [2, 3] }), inputShape: [2, 3, 4] },
    { layer: adaptiveAvgPool1dLayer({ outputSize: 4 }), inputShape: [2, 3] },
    { layer: adaptiveAvgPool3dLayer({ outputSize: [1, null, 2] }), inputShape: [1, 2, 2, 3] },
  ],
  invalid: [
    { layer: adaptiveAvgPool2dLayer({ outputSize: 2 }), inputShape: [3, 4], throws: /must have 4 axes/ },
    { layer: adaptiveAvgPool2dLayer({ outputSize: 2 }), inputShape: [1, 0, 4], throws: /cannot be shared out/ },
  ],
});

/** Of the op and its adjoint, of the pooling as a function, and of the layers. */
export const laws: readonly Laws[] = [
  forward,
  backward,
  { subject: 'adaptiveAvgPool2d', laws: [constants, dividing] },
  searchLaws('adaptiveAvgPool', adaptiveAverageCall, adaptiveAverageSearch),
  layers,
];
