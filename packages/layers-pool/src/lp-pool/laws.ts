import {
  type Bound,
  floats,
  functionOp,
  layerLaws,
  type Law,
  type Laws,
  opLaws,
  type OpSample,
  searchLaws,
  smallIntegers,
  Violation,
} from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import { add, mul, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { countWindows, everyWindow, type Slide } from '../oracle.laws.js';
import { situations } from '../samples.laws.js';
import {
  lpPool1d,
  lpPool1dLayer,
  lpPool2d,
  lpPool2dLayer,
  lpPool3d,
  lpPool3dLayer,
  type LpPoolOptions,
} from './lp-pool.js';
import { away, lpPoolCall, lpPoolSearch } from './search.laws.js';

interface Attrs extends Slide {
  readonly p: number;
}

const float32: Bound = {
  relative: 2e-5,
  absolute: 2e-5,
  reason: 'powers are rounded to float32, and the root of exponent 1/p multiplies their relative error by 1/p ≤ 2',
};

const pooling = functionOp('lpPool', ({ p, kernel, stride, padding, ceil }: Attrs, x: Tensor) =>
  [lpPool1d, lpPool2d, lpPool3d][x.rank - 3](x, { normType: p, kernelSize: kernel, stride, padding, ceilMode: ceil }),
);

const halves: Attrs = { p: 2, kernel: [2], stride: [2], dilation: [1], padding: [[0, 0]], ceil: false };

const functionLaws: Laws = opLaws(pooling, {
  samples: fc
    .record({ s: situations(1), p: fc.constantFrom(0.5, 1, 1.5, 2, 3, 4, Infinity) })
    .map(({ s: { slide, x }, p }): OpSample<Attrs> => ({ attrs: { ...slide, p }, inputs: [floats(x, away)] })),
  float32Bound: float32,
  invalid: [
    { attrs: { ...halves, p: 0 }, inputs: [floats([1, 1, 4])], throws: /normType must be a number above 0/ },
    { attrs: halves, inputs: [floats([1, 0, 4])], throws: /at least one channel/ },
    { attrs: { ...halves, p: Infinity }, inputs: [floats([1, 0, 4])], throws: /at least one channel/ },
    { attrs: halves, inputs: [floats([1, 1, 1])], throws: /the kernel spans 2/ },
    { attrs: halves, inputs: [{ shape: [1, 1, 4], dtype: 'int32' }], throws: /float32 or float64/ },
  ],
  oracle(attrs, x) {
    const { p, kernel } = attrs;
    const [N, C, ...sizes] = x.shape;
    const data: number[] = [];
    for (let plane = 0; plane < N * C; plane++) {
      everyWindow(attrs, sizes, (_, reads, at) => {
        const magnitudes = reads.map((i) => Math.abs(x.data[plane * sizeOf(sizes) + i]));
        if (p === Infinity) {
          data.push(Math.max(...magnitudes));
          return;
        }
        // Places of the window inside of the padded picture, one by one.
        const inside = sizes.map((size, a) => {
          let n = 0;
          const end = size + attrs.padding[a][0] + attrs.padding[a][1];
          for (let k = 0; k < kernel[a]; k++) if (at[a] * attrs.stride[a] + k < end) n++;
          return n;
        });
        const sum = magnitudes.reduce((total, v) => total + v ** p, 0);
        data.push(((sum * sizeOf(kernel)) / sizeOf(inside)) ** (1 / p));
      });
    }
    return { shape: [N, C, ...sizes.map((n, axis) => countWindows(attrs, axis, n))], data };
  },
});

type Pool = (x: Tensor, options: LpPoolOptions) => Tensor;

const homogeneous: Law<Pool, { readonly p: number; readonly factor: number; readonly seed: number }> = {
  name: 'scales with the picture',
  statement: 'A picture times a number gives the pooled picture times the magnitude of that number.',
  formula: 'pool(cx) = |c| pool(x)',
  subject: lpPool2d,
  cases: fc.record({
    p: fc.constantFrom(1, 1.5, 2, 3, Infinity),
    factor: fc.constantFrom(-8, -0.5, 4, 16),
    seed: fc.nat(1e6),
  }),
  mutants: [
    { name: '1 added', plant: (pool) => (x, o) => add(pool(x, o), 1) },
    {
      name: 'the root is left out',
      plant: (pool, bites) => (x, o) => {
        const y = pool(x, o);
        if (o.normType === 1 || o.normType === Infinity) return y;
        bites();
        return tensor(
          y.dataSync().map((v) => v ** o.normType),
          { shape: y.shape, dtype: 'float64' },
        );
      },
      conditional: true,
    },
  ],
  holds(pool, { p, factor, seed }) {
    // At least one element of each window is not 0.
    const x = tensor(
      smallIntegers(36, seed).map((v) => v + 9),
      { shape: [1, 1, 6, 6], dtype: 'float64' },
    );
    const options = { normType: p, kernelSize: [2, 3], stride: 1 };
    const expected = pool(x, options)
      .dataSync()
      .map((v) => v * Math.abs(factor));
    pool(mul(x, factor), options)
      .dataSync()
      .forEach((received, i) => {
        if (Math.abs(received - expected[i]) > 1e-12 * expected[i])
          throw new Violation({ what: 'pool(cx)', index: [i], received, expected: expected[i] });
      });
  },
};

const falling: Law<Pool, { readonly seed: number; readonly p: number }> = {
  name: 'falls with the exponent, to the largest magnitude',
  statement: 'A larger exponent gives a smaller norm, and none is below the largest magnitude.',
  formula: 'p < q ⇒ ‖x‖_p ≥ ‖x‖_q ≥ ‖x‖_∞ = max |x|',
  subject: lpPool2d,
  cases: fc.record({ seed: fc.nat(1e6), p: fc.constantFrom(0.5, 1, 2, 5) }),
  mutants: [
    {
      name: 'the mean of the powers instead of their sum',
      plant: (pool) => (x, o) => mul(pool(x, o), 6 ** (-1 / o.normType)),
    },
    { name: 'the exponents are exchanged', plant: (pool) => (x, o) => pool(x, { ...o, normType: 1 / o.normType }) },
  ],
  holds(pool, { seed, p }) {
    const x = tensor(
      smallIntegers(36, seed).map((v) => v + 0.5),
      { shape: [1, 1, 6, 6], dtype: 'float64' },
    );
    const [wide, narrow, largest] = [p, 2 * p, Infinity].map((normType) =>
      pool(x, { normType, kernelSize: [2, 3] }).dataSync(),
    );
    wide.forEach((received, i) => {
      if (!(received >= narrow[i] * (1 - 1e-12) && narrow[i] >= largest[i] * (1 - 1e-12)))
        throw new Violation({ what: `norms of p = ${p} and ${2 * p}`, index: [i], received, expected: narrow[i] });
    });
  },
};

const layers: Laws = layerLaws('Lp pool layers', {
  samples: [
    { layer: lpPool2dLayer({ normType: 2, kernelSize: 2 }), inputShape: [2, 4, 4], values: away },
    {
      layer: lpPool2dLayer({ normType: 3, kernelSize: 3, stride: 2, padding: 1, ceilMode: true }),
      inputShape: [1, 4, 5],
      values: away,
    },
    { layer: lpPool1dLayer({ normType: 1, kernelSize: 2, ceilMode: true }), inputShape: [2, 5], values: away },
    { layer: lpPool3dLayer({ normType: 1.5, kernelSize: [1, 2, 2] }), inputShape: [1, 2, 2, 4], values: away },
  ],
  invalid: [
    { layer: lpPool2dLayer({ normType: 2, kernelSize: 3 }), inputShape: [1, 2, 4], throws: /the kernel spans 3/ },
    { layer: lpPool2dLayer({ normType: 2, kernelSize: 2 }), inputShape: [4, 4], throws: /axes/ },
    { layer: lpPool2dLayer({ normType: 2, kernelSize: 2 }), inputShape: [0, 4, 4], throws: /at least one channel/ },
  ],
});

/** Of Lp pooling as a function, of norms, and of the layers. */
export const laws: readonly Laws[] = [
  functionLaws,
  { subject: 'lpPool2d', laws: [homogeneous, falling] },
  searchLaws('lpPool', lpPoolCall, lpPoolSearch),
  layers,
];
