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
import { mul, ones, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { countWindows, everyWindow } from '../oracle.laws.js';
import { type Situation, situations } from '../samples.laws.js';
import { type AveragePoolOptions, avgPool1dLayer, avgPool2d, avgPool2dLayer, avgPool3dLayer } from './average-pool.js';
import { AveragePool, type AveragePoolAttrs, AveragePoolGradient } from './op.js';
import { averagePoolCall, averagePoolSearch } from './search.laws.js';

const halves: AveragePoolAttrs = {
  kernel: [2, 2],
  stride: [2, 2],
  dilation: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  ceil: false,
  countIncludePad: true,
  divisor: null,
};

const attrs: fc.Arbitrary<{ s: Situation; attrs: AveragePoolAttrs }> = fc
  .record({ s: situations(1), countIncludePad: fc.boolean(), divisor: fc.constantFrom(null, null, 3, -0.5) })
  .map(({ s, ...rest }) => ({ s, attrs: { ...s.slide, ...rest } }));

const thirds: Bound = {
  relative: 1e-14,
  absolute: 1e-13,
  reason: 'a quotient such as one third is rounded; sums have at most 27 terms',
};

/** What a window is divided by: its positions inside the padded input, or those inside the input, one by one. */
function divisorOf(a: AveragePoolAttrs, sizes: Shape, reads: number[], at: number[]): number {
  if (a.divisor !== null) return a.divisor;
  if (!a.countIncludePad) return reads.length;
  return sizes.reduce((product, size, axis) => {
    let inside = 0;
    for (let k = 0; k < a.kernel[axis]; k++) {
      if (at[axis] * a.stride[axis] + k < size + a.padding[axis][0] + a.padding[axis][1]) inside++;
    }
    return product * inside;
  }, 1);
}

const averagePoolLaws: Laws = opLaws(AveragePool, {
  samples: attrs.map(({ s, attrs }): OpSample<AveragePoolAttrs> => ({ attrs, inputs: [floats(s.x)] })),
  linearBound: thirds,
  invalid: [
    { attrs: halves, inputs: [floats([1, 0, 4, 4])], throws: /at least one channel/ },
    { attrs: halves, inputs: [floats([1, 1, 1, 4])], throws: /the kernel spans 2, but the padded input has 1/ },
    {
      attrs: {
        ...halves,
        padding: [
          [0, 2],
          [0, 0],
        ],
      },
      inputs: [floats([1, 1, 4, 4])],
      throws: /padding must be at most 1/,
    },
    { attrs: halves, inputs: [{ shape: [1, 1, 4, 4], dtype: 'int32' }], throws: /must be float32 or float64/ },
  ],
  oracle(a, x) {
    const [N, C, ...sizes] = x.shape;
    const data: number[] = [];
    for (let plane = 0; plane < N * C; plane++) {
      everyWindow(a, sizes, (_, reads, at) => {
        const sum = reads.reduce((total, i) => total + x.data[plane * sizeOf(sizes) + i], 0);
        data.push(sum / divisorOf(a, sizes, reads, at));
      });
    }
    return { shape: [N, C, ...sizes.map((n, axis) => countWindows(a, axis, n))], data };
  },
});

const gradientLaws: Laws = opLaws(AveragePoolGradient, {
  samples: attrs.map(
    ({ s, attrs }): OpSample<AveragePoolAttrs & { size: Shape }> => ({
      attrs: { ...attrs, size: s.x.slice(2) },
      inputs: [floats(s.y)],
    }),
  ),
  linearBound: thirds,
  invalid: [
    {
      attrs: { ...halves, size: [4, 6] },
      inputs: [floats([1, 1, 2, 2])],
      throws: /shape of a pooling.*expected \[1, 1, 2, 3\].*\n {2}shapes: x \[1, 1, 4, 6\], y \[1, 1, 2, 2\]$/,
    },
    { attrs: { ...halves, size: [1, 6] }, inputs: [floats([1, 1, 1, 3])], throws: /the kernel spans 2/ },
    {
      attrs: { ...halves, size: [4, 6] },
      inputs: [{ shape: [1, 1, 2, 3], dtype: 'int32' }],
      throws: /must be float32 or float64/,
    },
  ],
  oracle(a, y) {
    const [N, C, ...counts] = y.shape;
    const plane = sizeOf(a.size);
    const data = new Array<number>(N * C * plane).fill(0);
    for (let p = 0; p < N * C; p++) {
      everyWindow(a, a.size, (window, reads, at) => {
        const share = y.data[p * sizeOf(counts) + window] / divisorOf(a, a.size, reads, at);
        for (const i of reads) data[p * plane + i] += share;
      });
    }
    return { shape: [N, C, ...a.size], data };
  },
});

type Pool = (x: Tensor, options: AveragePoolOptions) => Tensor;

const options: fc.Arbitrary<AveragePoolOptions> = fc.record({
  kernelSize: fc.tuple(fc.integer({ min: 2, max: 3 }), fc.integer({ min: 2, max: 3 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  padding: fc.constant(1),
  ceilMode: fc.boolean(),
});

const constants: Law<Pool, { readonly options: AveragePoolOptions; readonly value: number }> = {
  name: 'a constant picture stays constant',
  statement: 'Where only the input counts, the average of equal elements is that element, at the borders too.',
  formula: 'pool(c) = c with countIncludePad: false',
  subject: avgPool2d,
  cases: fc.record({ options, value: fc.integer({ min: 1, max: 9 }) }),
  mutants: [
    { name: 'padding counts', plant: (pool) => (x, o) => pool(x, { ...o, countIncludePad: true }) },
    { name: '1 % too large', plant: (pool) => (x, o) => mul(pool(x, o), 1.01) },
  ],
  holds(pool, { options, value }) {
    const y = pool(mul(ones([1, 1, 6, 7], 'float64'), value), { ...options, countIncludePad: false });
    y.dataSync().forEach((v, i) => {
      if (v !== value) throw new Violation({ what: 'average', index: [i], received: v, expected: value });
    });
  },
};

const mass: Law<Pool, { readonly seed: number; readonly kernel: number }> = {
  name: 'windows that tile the picture keep its mean',
  statement:
    'Where windows neither overlap nor leave anything out, the mean of the averages is the mean of the picture.',
  formula: 'mean(pool(x)) = mean(x)',
  subject: avgPool2d,
  cases: fc.record({ seed: fc.nat(1e6), kernel: fc.constantFrom(2, 4) }),
  mutants: [
    { name: 'stride 1 instead of the kernel', plant: (pool) => (x, o) => pool(x, { ...o, stride: 1 }) },
    {
      name: 'one column of the window is not read',
      plant: (pool) => (x, o) =>
        pool(x, { ...o, kernelSize: [o.kernelSize as number, (o.kernelSize as number) - 1], stride: o.kernelSize }),
    },
  ],
  holds(pool, { seed, kernel }) {
    const x = tensor(smallIntegers(64, seed), { shape: [1, 1, 8, 8] });
    const y = pool(x, { kernelSize: kernel });
    const mean = (t: Tensor): number => Array.from(t.dataSync()).reduce((total, v) => total + v, 0) / t.size;
    // Sixteenths and quarters of small integers: exact.
    if (mean(y) !== mean(x)) throw new Violation({ what: 'mean', received: mean(y), expected: mean(x) });
  },
};

const layers: Laws = layerLaws('average pool layers', {
  samples: [
    { layer: avgPool2dLayer({ kernelSize: 2 }), inputShape: [2, 4, 4] },
    { layer: avgPool2dLayer({ kernelSize: 3, stride: 2, padding: 1, countIncludePad: false }), inputShape: [1, 4, 5] },
    { layer: avgPool1dLayer({ kernelSize: 2, ceilMode: true }), inputShape: [2, 5] },
    { layer: avgPool3dLayer({ kernelSize: [1, 2, 2], divisorOverride: 2 }), inputShape: [1, 2, 2, 4] },
  ],
  invalid: [
    { layer: avgPool2dLayer({ kernelSize: 3 }), inputShape: [1, 2, 4], throws: /the kernel spans 3/ },
    { layer: avgPool2dLayer({ kernelSize: 2 }), inputShape: [4, 4], throws: /axes/ },
    { layer: avgPool2dLayer({ kernelSize: 2 }), inputShape: [0, 4, 4], throws: /at least one channel/ },
  ],
});

/** Of the op and its adjoint, of average pooling as a function, and of the layers. */
export const laws: readonly Laws[] = [
  averagePoolLaws,
  gradientLaws,
  { subject: 'avgPool2d', laws: [constants, mass] },
  searchLaws('avgPool', averagePoolCall, averagePoolSearch),
  layers,
];
