import {
  floats,
  functionOp,
  layerLaws,
  type Law,
  type Laws,
  type Mutant,
  opLaws,
  type OpSample,
  searchLaws,
  smallIntegers,
  Violation,
} from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import { flip, mul, ones, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { conv2d } from '../conv/index.js';
import { walk } from '../conv/oracle.laws.js';
import {
  convTranspose1d,
  convTranspose1dLayer,
  convTranspose2d,
  convTranspose2dLayer,
  convTranspose3d,
  convTranspose3dLayer,
} from './conv-transpose.js';
import { type Axis, axis, type TransposeAttrs, transposeSituations } from './samples.laws.js';
import { transposeCall, transposeSearch } from './search.laws.js';
import type { ConvTransposeOptions } from './transpose.js';

const transposed = functionOp('convTranspose', (attrs: TransposeAttrs, x: Tensor, w: Tensor) =>
  [convTranspose1d, convTranspose2d, convTranspose3d][x.rank - 3](x, w, null, attrs),
);

const plain: TransposeAttrs = { stride: [2], dilation: [1], padding: [[0, 0]], outputPadding: [0], groups: 1 };

const functionLaws: Laws = opLaws(transposed, {
  samples: transposeSituations.map(
    ({ x, w, attrs }): OpSample<TransposeAttrs> => ({ attrs, inputs: [floats(x), floats(w)] }),
  ),
  invalid: [
    { attrs: plain, inputs: [floats([1, 2, 3]), floats([3, 1, 2])], throws: /reads 3 channels, but the input has 2/ },
    {
      attrs: { ...plain, outputPadding: [2] },
      inputs: [floats([1, 1, 3]), floats([1, 1, 2])],
      throws: /outputPadding must be an integer from 0 to 1/,
    },
    {
      attrs: { ...plain, padding: [[3, 3]] },
      inputs: [floats([1, 1, 3]), floats([1, 1, 2])],
      throws: /nothing is left: 6 elements less padding 3 \+ 3 is 0/,
    },
    { attrs: { ...plain, groups: 2 }, inputs: [floats([1, 3, 3]), floats([3, 1, 2])], throws: /groups 2 must divide/ },
  ],
  oracle({ stride, dilation, padding, outputPadding, groups }, x, w) {
    const sizes = outputPadding.map(
      (extra, a) =>
        (x.shape[a + 2] - 1) * stride[a] -
        padding[a][0] -
        padding[a][1] +
        dilation[a] * (w.shape[a + 2] - 1) +
        extra +
        1,
    );
    const shape = [x.shape[0], w.shape[1] * groups, ...sizes];
    const data = new Array<number>(sizeOf(shape)).fill(0);
    // The convolution from the result to x, walked backwards.
    walk(
      { stride, dilation, padding, groups, x: shape, w: w.shape, y: x.shape },
      (i, k, j) => (data[i] += w.data[k] * x.data[j]),
    );
    return { shape, data };
  },
});

type Transpose = (x: Tensor, weight: Tensor, options: ConvTransposeOptions) => Tensor;

const turned: Mutant<Transpose> = {
  name: 'the kernel is turned',
  plant: (f, bites) => (x, w, options) => {
    const other = flip(w, [2, 3]);
    if (String(other.dataSync()) !== String(w.dataSync())) bites();
    return f(x, other, options);
  },
  conditional: true,
};

const doubled: Mutant<Transpose> = { name: 'twice too large', plant: (f) => (x, w, o) => mul(f(x, w, o), 2) };

const shifted: Mutant<Transpose> = {
  name: 'the padding is cut from the other side',
  plant: (f, bites) => (x, w, options) => {
    const sides = options.padding as readonly (readonly [number, number])[];
    if (sides.some(([before, after]) => before !== after)) bites();
    return f(x, w, { ...options, padding: sides.map(([before, after]) => [after, before] as const) });
  },
  conditional: true,
};

const adjoint: Law<Transpose, { readonly seed: number; readonly axes: readonly Axis[]; readonly groups: number }> = {
  name: 'adjoint of convolution (C10)',
  statement:
    'With the weight and options of a convolution, and the outputPadding that leads back to its input, the two are adjoint: exactly, on integers.',
  formula: '⟨conv(a, w), x⟩ = ⟨a, convT(x, w)⟩',
  subject: (x, weight, options) => convTranspose2d(x, weight, null, options),
  cases: fc.record({
    seed: fc.nat(1e6),
    axes: fc.tuple(axis(3, false), axis(3, false)),
    groups: fc.integer({ min: 1, max: 2 }),
  }),
  mutants: [turned, doubled, shifted],
  holds(convT, { seed, axes, groups }) {
    const draw = (shape: readonly number[], stream: number): Tensor =>
      tensor(smallIntegers(sizeOf(shape), seed, stream), { shape });
    const x = draw([2, 2 * groups, ...axes.map(({ size }) => size)], 0);
    const w = draw([2 * groups, 2, ...axes.map(({ kernel }) => kernel)], 1);
    const options = {
      stride: axes.map(({ stride }) => stride),
      dilation: axes.map(({ dilation }) => dilation),
      padding: axes.map(({ padding }) => padding),
      groups,
    };
    const y = convT(x, w, { ...options, outputPadding: axes.map(({ outputPadding }) => outputPadding) });
    const a = draw(y.shape, 2);
    const [left, right] = [dot(conv2d(a, w, null, options), x), dot(a, y)];
    if (left !== right) throw new Violation({ what: '⟨a, convT(x, w)⟩', received: right, expected: left });
  },
};

function dot(a: Tensor, b: Tensor): number {
  if (String(a.shape) !== String(b.shape)) throw new Violation({ what: 'shape', received: b.shape, expected: a.shape });
  const other = b.dataSync();
  return Array.from(a.dataSync()).reduce((total, v, i) => total + v * other[i], 0);
}

const tiles: Law<Transpose, { readonly kernel: readonly [number, number]; readonly seed: number }> = {
  name: 'windows that tile stamp the kernel',
  statement: 'With the kernel for a stride no windows overlap: each element of x is the kernel times that element.',
  formula: 's = K ⇒ y(jK + k) = x(j) · w(k)',
  subject: (x, weight, options) => convTranspose2d(x, weight, null, options),
  cases: fc.record({
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 3 })),
    seed: fc.nat(1e6),
  }),
  mutants: [turned, doubled],
  holds(convT, { kernel, seed }) {
    const x = smallIntegers(6, seed, 0);
    const w = smallIntegers(kernel[0] * kernel[1], seed, 1);
    const y = convT(tensor(x, { shape: [1, 1, 2, 3] }), tensor(w, { shape: [1, 1, ...kernel] }), {
      stride: [...kernel],
      padding: [
        [0, 0],
        [0, 0],
      ],
    });
    const width = 3 * kernel[1];
    y.dataSync().forEach((received, at) => {
      const [row, column] = [Math.floor(at / width), at % width];
      const element = x[Math.floor(row / kernel[0]) * 3 + Math.floor(column / kernel[1])];
      const expected = element * w[(row % kernel[0]) * kernel[1] + (column % kernel[1])];
      if (received !== expected) throw new Violation({ what: 'y', index: [row, column], received, expected });
    });
  },
};

const count: Law<Transpose, { readonly stride: number; readonly kernel: number; readonly size: number }> = {
  name: 'how many elements meet',
  statement: 'On ones, with a kernel of ones, each output counts the inputs whose window covers it.',
  formula: 'Σ y = (n · K)², y ≥ 0',
  subject: (x, weight, options) => convTranspose2d(x, weight, null, options),
  cases: fc.record({
    stride: fc.integer({ min: 1, max: 3 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    size: fc.integer({ min: 1, max: 4 }),
  }),
  mutants: [
    doubled,
    {
      name: 'a row is cut off',
      plant: (f, bites) => (x, w, options) => {
        if (x.shape[2] * w.shape[2] === 1) return f(x, w, options);
        bites();
        return f(x, w, { ...options, padding: [[0, 1], 0] });
      },
      conditional: true,
    },
  ],
  holds(convT, { stride, kernel, size }) {
    const y = convT(ones([1, 1, size, size]), ones([1, 1, kernel, kernel]), { stride });
    const total = Array.from(y.dataSync()).reduce((sum, v) => sum + v, 0);
    if (total !== (size * kernel) ** 2)
      throw new Violation({ what: 'Σ y', received: total, expected: (size * kernel) ** 2 });
  },
};

const layers: Laws = layerLaws('convTranspose layers', {
  samples: [
    { layer: convTranspose2dLayer({ outChannels: 2, kernelSize: 3, stride: 2, padding: 1 }), inputShape: [2, 3, 2] },
    {
      layer: convTranspose2dLayer({
        outChannels: 4,
        kernelSize: [2, 3],
        dilation: [2, 1],
        outputPadding: [1, 0],
        groups: 2,
        bias: false,
      }),
      inputShape: [2, 2, 3],
    },
    { layer: convTranspose1dLayer({ outChannels: 2, kernelSize: 2, stride: 3, outputSize: 10 }), inputShape: [3, 3] },
    { layer: convTranspose3dLayer({ outChannels: 1, kernelSize: 2 }), inputShape: [1, 2, 1, 2] },
  ],
  invalid: [
    {
      layer: convTranspose2dLayer({ outChannels: 2, kernelSize: 3, groups: 2 }),
      inputShape: [3, 5, 5],
      throws: /groups 2 must divide the 3 input channels/,
    },
    {
      layer: convTranspose2dLayer({ outChannels: 2, kernelSize: 2, stride: 2, outputSize: [4, 5] }),
      inputShape: [1, 2, 3],
      throws: /cannot be reached \(axis 3, received 5, expected 6 to 7\)/,
    },
    { layer: convTranspose2dLayer({ outChannels: 2, kernelSize: 3 }), inputShape: [5, 5], throws: /axes/ },
  ],
});

/** Of transposed convolution as a function, of what makes it one, and of the layers. */
export const laws: readonly Laws[] = [
  functionLaws,
  searchLaws('convTranspose', transposeCall, transposeSearch),
  { subject: 'convTranspose2d', laws: [adjoint, tiles, count] },
  layers,
];
