import {
  distinct,
  floats,
  functionOp,
  type InvalidSample,
  layerLaws,
  type Laws,
  type NdArray,
  opLaws,
  type OpSample,
  searchLaws,
} from '@lemmata/laws';
import { type Shape, sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import {
  globalAvgPool1d,
  globalAvgPool1dLayer,
  globalAvgPool2d,
  globalAvgPool2dLayer,
  globalAvgPool3d,
  globalMaxPool1d,
  globalMaxPool2d,
  globalMaxPool2dLayer,
  globalMaxPool3d,
  globalMaxPool3dLayer,
  type GlobalPoolOptions,
} from './global-pool.js';
import { globalPoolCall, globalPoolSearch } from './search.laws.js';

type Pool = (x: Tensor, options: GlobalPoolOptions) => Tensor;

const apart = distinct(-4, 4);

const samples: fc.Arbitrary<OpSample<GlobalPoolOptions>> = fc
  .record({
    batch: fc.constantFrom(1, 2, 1, 2, 0),
    channels: fc.integer({ min: 1, max: 3 }),
    // Squares often: an exchange of rows and columns shows in them alone.
    size: fc.oneof(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }), fc.constant([3, 3])),
    keepdims: fc.boolean(),
  })
  .map(({ batch, channels, size, keepdims }) => ({
    attrs: { keepdims },
    inputs: [floats([batch, channels, ...size], apart)],
  }));

const invalid: readonly InvalidSample<GlobalPoolOptions>[] = [
  { attrs: {}, inputs: [floats([2, 3])], throws: /axes/ },
  { attrs: {}, inputs: [floats([2, 3, 0])], throws: /an axis without elements/ },
];

/** Each plane reduced to one number by f. */
function planes(x: NdArray, keepdims: boolean | undefined, f: (values: number[]) => number): NdArray {
  const [batch, channels, ...size] = x.shape;
  const shape: Shape = [batch, channels, ...(keepdims ? size.map(() => 1) : [])];
  const plane = sizeOf(size);
  return {
    shape,
    data: Array.from({ length: batch * channels }, (_, p) =>
      f(Array.from({ length: plane }, (__, i) => x.data[p * plane + i])),
    ),
  };
}

const byRank =
  (...pools: Pool[]) =>
  (options: GlobalPoolOptions, x: Tensor): Tensor =>
    (pools[x.rank - 3] ?? pools[1])(x, options);

const averageLaws: Laws = opLaws(
  functionOp('globalAvgPool', byRank(globalAvgPool1d, globalAvgPool2d, globalAvgPool3d)),
  {
    samples,
    invalid,
    oracle: ({ keepdims }, x) => planes(x, keepdims, (v) => v.reduce((total, n) => total + n, 0) / v.length),
  },
);

const maximumLaws: Laws = opLaws(
  functionOp('globalMaxPool', byRank(globalMaxPool1d, globalMaxPool2d, globalMaxPool3d)),
  {
    samples,
    invalid: [...invalid, { attrs: {}, inputs: [floats([2, 0, 3])], throws: /at least one channel/ }],
    oracle: ({ keepdims }, x) => planes(x, keepdims, (v) => Math.max(...v)),
  },
);

const layers: Laws = layerLaws('global pool layers', {
  samples: [
    { layer: globalAvgPool2dLayer(), inputShape: [2, 3, 4] },
    { layer: globalAvgPool1dLayer({ keepdims: true }), inputShape: [2, 5] },
    { layer: globalMaxPool2dLayer(), inputShape: [2, 3, 2], values: apart },
    { layer: globalMaxPool3dLayer({ keepdims: true }), inputShape: [1, 2, 2, 3], values: apart },
  ],
  invalid: [
    { layer: globalAvgPool2dLayer(), inputShape: [3, 4], throws: /must have 3 axes/ },
    { layer: globalMaxPool2dLayer(), inputShape: [0, 3, 4], throws: /at least one channel/ },
  ],
});

/** Of the two functions and of the layers. */
export const laws: readonly Laws[] = [
  averageLaws,
  maximumLaws,
  searchLaws('globalPool', globalPoolCall, globalPoolSearch),
  layers,
];
