import {
  exactly,
  expectClose,
  expectSame,
  floats,
  functionOp,
  type Law,
  type Laws,
  layerLaws,
  opLaws,
  Violation,
  searchLaws,
} from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { add, matmul, mul, slice, sub, tensor, type Tensor, transpose } from '@lemmata/tensor';
import * as fc from 'fast-check';
import type { AffineParams } from '../affine.js';
import { batchNorm } from '../batch-norm/index.js';
import { draw, type Drawn, seeds } from '../family.laws.js';
import {
  decorrelatedBatchNorm,
  type DecorrelatedBatchNormOptions,
  decorrelatedBatchNormWithStatistics,
} from './decorrelated-batch-norm.js';
import {
  decorrelatedBatchNormLayer,
  type DecorrelatedBatchNormLayerOptions,
  type DecorrelatedBatchNormState,
} from './layer.js';
import { whitened, whiteningOf } from './oracle.laws.js';
import { lyapunovLaws, rootLaws, spectralLaws } from './roots.laws.js';
import { symmetricEigen } from './symmetric-eigen.js';
import { decorrelatedCall, decorrelatedSearch } from './search.laws.js';

const eps = 0.05;

const f = functionOp(
  'decorrelatedBatchNorm',
  (options: DecorrelatedBatchNormOptions, x: Tensor, weight: Tensor, bias: Tensor) =>
    decorrelatedBatchNorm(x, weight, bias, options),
);

/** Uncorrelated channels of one variance: every eigenvalue is the same. */
const equal = exactly(1, 1, 1, 1, -1, 1, 1, 1, -1, 1, -1, -1, -1, -1, 1, -1, 1, -1, -1, -1, -1, -1, 1, 1);

const asFunction: Laws = opLaws(f, {
  samples: [
    { attrs: { eps }, inputs: [floats([5, 3]), floats([3]), floats([3])] },
    { attrs: { eps, groups: 2 }, inputs: [floats([2, 4, 3]), floats([4]), floats([4])] },
    // More channels than values.
    { attrs: { eps: 0.5 }, inputs: [floats([3, 4]), floats([4]), floats([4])] },
    { attrs: { eps: 0.5 }, inputs: [floats([8, 3], equal), floats([3]), floats([3])] },
  ],
  invalid: [
    { attrs: { eps }, inputs: [floats([1, 3]), floats([3]), floats([3])], throws: /more than one value/ },
    { attrs: { eps, groups: 2 }, inputs: [floats([2, 3]), floats([3]), floats([3])], throws: /divides the 3 channels/ },
    { attrs: { eps }, inputs: [floats([3]), floats([3]), floats([3])], throws: /x is \[N, C, \.\.\.spatial\]/ },
    { attrs: { eps }, inputs: [floats([2, 3]), floats([3]), floats([1])], throws: /bias must have one value/ },
    { attrs: { eps: 0 }, inputs: [floats([2, 3]), floats([3]), floats([3])], throws: /eps must be a finite number/ },
  ],
  oracle: (options, x, weight, bias) => whitened(x, whiteningOf(options, x), weight, bias),
  oracleBound: { relative: 1e-9, absolute: 1e-9, reason: 'the oracle inverts 60 matrices one after the other' },
  float32Bound: {
    relative: 5e-5,
    absolute: 5e-5,
    reason: 'a rounding of the covariance is multiplied by up to (1 / ε)^(3/2)',
  },
});

type Whiten = (x: Tensor, options: { readonly eps: number; readonly groups?: number }) => Tensor;

/** [N, C, S] → [C, N · S]. */
function columns(x: Tensor): Tensor {
  const [N, C, S] = x.shape;
  const data = x.dataSync();
  return tensor(
    Array.from({ length: C * N * S }, (_, i) => {
      const [c, n, s] = [Math.floor(i / (N * S)), Math.floor((i % (N * S)) / S), i % S];
      return data[(n * C + c) * S + s];
    }),
    { shape: [C, N * S], dtype: 'float64' },
  );
}

/** The covariance of channels, divided by n, as rows. */
function covariance(x: Tensor): number[][] {
  const rows = columns(x).toArray() as number[][];
  const centred = rows.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    return row.map((v) => v - mean);
  });
  return centred.map((a) => centred.map((b) => a.reduce((total, v, i) => total + v * b[i], 0) / a.length));
}

/** What PCA does: scaled along eigenvectors, and left there. */
const pca: Whiten = (x, options) => {
  const size = x.shape[1];
  const { vectors } = symmetricEigen(covariance(x).flat(), size);
  return matmul(transpose(tensor(vectors, { shape: [size, size] })), decorrelatedBatchNorm(x, null, null, options));
};

/** Correlated channels. */
function correlated(seed: number): Tensor {
  return add(draw([6, 3, 4], seed), draw([6, 1, 4], seed, 1));
}

const whitens: Law<Whiten, Drawn> = {
  name: 'N12: the covariance becomes the identity',
  statement:
    'The result has mean 0 and covariance Σ (Σ + ε)⁻¹, which is the identity but for ε: batch norm makes the variances so, and leaves the correlations.',
  formula: 'mean y = 0, cov(y) = Σ (Σ + ε)⁻¹ → I',
  subject: (x, options) => decorrelatedBatchNorm(x, null, null, options),
  cases: seeds,
  mutants: [
    {
      name: 'batch norm',
      plant:
        () =>
        (x, { eps: e }) =>
          batchNorm(x, null, null, { eps: e }),
    },
    { name: 'the covariance is divided by n − 1', plant: (g) => (x, o) => mul(g(x, o), Math.sqrt(23 / 24)) },
    { name: 'the mean is left', plant: (g) => (x, o) => add(g(x, o), 0.01) },
    { name: 'a group a channel', plant: (g) => (x, o) => g(x, { ...o, groups: 3 }) },
  ],
  holds(g, { seed }) {
    const x = correlated(seed);
    const tiny = 1e-12;
    const y = g(x, { eps: tiny });
    const mean = (columns(y).toArray() as number[][]).map((row) => row.reduce((a, b) => a + b, 0) / row.length);
    // The smallest eigenvalue of 24 values in 3 channels is above 10⁻⁴: ε adds less than 10⁻⁸.
    const bound = { relative: 0, absolute: 1e-7 };
    expectClose({ what: 'mean', shape: [3], source: '0' }, mean, [0, 0, 0], bound);
    expectClose(
      { what: 'covariance', shape: [3, 3], source: 'I' },
      covariance(y).flat(),
      [1, 0, 0, 0, 1, 0, 0, 0, 1],
      bound,
    );
  },
};

const rotates: Law<Whiten, Drawn & { readonly angle: number }> = {
  name: 'N12: channels that are rotated give the rotated result',
  statement: 'Whitening commutes with rotations of the channels: eigenvectors stand on both sides (ZCA).',
  formula: 'f(R x) = R f(x), RᵀR = I',
  subject: (x, options) => decorrelatedBatchNorm(x, null, null, options),
  cases: fc.record({ seed: fc.nat(0x7ffffffe), angle: fc.double({ min: 0.2, max: 1.3, noNaN: true }) }),
  mutants: [
    { name: 'eigenvectors on one side only (PCA)', plant: () => pca },
    {
      name: 'batch norm',
      plant:
        () =>
        (x, { eps: e }) =>
          batchNorm(x, null, null, { eps: e }),
    },
  ],
  holds(g, { seed, angle }) {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const [first, second] = [
      [c, -s, 0, s, c, 0, 0, 0, 1],
      [1, 0, 0, 0, c, -s, 0, s, c],
    ].map((values) => tensor(values, { shape: [3, 3], dtype: 'float64' }));
    const rotation = matmul(first, second);
    const x = correlated(seed);
    expectClose(
      { what: 'f(R x)', shape: x.shape, source: 'R f(x)' },
      g(matmul(rotation, x), { eps }).dataSync(),
      matmul(rotation, g(x, { eps })).dataSync(),
      { relative: 1e-10, absolute: 1e-10 },
    );
  },
};

const separate: Law<Whiten, Drawn> = {
  name: 'groups do not see each other',
  statement: 'Each group is whitened as if the others were not there.',
  formula: 'f(x; groups)[g] = f(x[g])',
  subject: (x, options) => decorrelatedBatchNorm(x, null, null, options),
  cases: seeds,
  mutants: [{ name: 'there is one group', plant: (g) => (x, o) => g(x, { ...o, groups: 1 }) }],
  holds(g, { seed }) {
    const x = add(draw([5, 4, 3], seed), draw([5, 1, 3], seed, 1));
    const y = g(x, { eps, groups: 2 });
    for (const range of [[0, 2] as const, [2, 4] as const]) {
      const part = slice(y, [[null], range]);
      expectClose(
        { what: `channels ${range.join(' to ')}`, shape: part.shape, source: 'alone' },
        part.dataSync(),
        g(slice(x, [[null], range]), { eps, groups: 1 }).dataSync(),
        { relative: 1e-11, absolute: 1e-11 },
      );
    }
  },
};

type DbnLayer = Layer<AffineParams, DecorrelatedBatchNormState>;
type Make = (options: DecorrelatedBatchNormLayerOptions) => DbnLayer;

const NAMES = ['running_mean', 'running_whitening'] as const;

const fixedPoint: Law<Make, Drawn & { readonly momentum: number }> = {
  name: 'N3: a constant batch is a fixed point of the running statistics',
  statement:
    'Under one batch, again and again, the running mean and whitening approach its own by the factor 1 − momentum at each step; with all batches counting alike they are there after one.',
  formula: 'rₜ − s = (1 − m)ᵗ (r₀ − s)',
  subject: decorrelatedBatchNormLayer,
  cases: fc.record({ seed: fc.nat(0x7ffffffe), momentum: fc.constantFrom(0.1, 0.25, 0.9) }),
  mutants: [
    {
      name: 'momentum is the weight of the old',
      plant: (make) => (o) => make({ ...o, momentum: o.momentum === null ? null : 1 - o.momentum! }),
    },
    {
      name: 'statistics are not advanced',
      plant: (make) => (options) => {
        const layer = make(options);
        return { ...layer, apply: (p, s, x, c) => [layer.apply(p, s, x, c)[0], s] };
      },
    },
  ],
  holds(make, { seed, momentum }) {
    const x = correlated(seed);
    const { mean, whitening } = decorrelatedBatchNormWithStatistics(x, null, null, { eps });
    const target = { running_mean: mean, running_whitening: whitening };
    const begin = { running_mean: draw([3], seed, 5), running_whitening: draw([1, 3, 3], seed, 6) };
    const layer = make({ momentum, eps, affine: false });
    let state: DecorrelatedBatchNormState = begin;
    for (let t = 1; t <= 3; t++) {
      [, state] = layer.apply({}, state, x, { train: true });
      for (const name of NAMES) {
        const expected = add(target[name], mul(sub(begin[name], target[name]), (1 - momentum) ** t));
        const about = { what: `${name} after ${t} batches`, shape: expected.shape, source: 's + (1 − m)ᵗ (r₀ − s)' };
        const bound = { relative: 1e-12, absolute: 1e-12 };
        expectClose(about, state[name]!.dataSync(), expected.dataSync(), bound);
      }
    }
    const alike = make({ momentum: null, eps, affine: false });
    const [, once] = alike.apply({}, { ...begin, num_batches_tracked: tensor(0, { dtype: 'int32' }) }, x, {
      train: true,
    });
    for (const name of NAMES) {
      const about = { what: `${name} of one batch`, shape: target[name].shape, source: 'its own' };
      expectSame(about, once[name]!.dataSync(), target[name].dataSync());
    }
  },
};

const affineLaw: Law<Make, Drawn> = {
  name: 'N5: inference is affine',
  statement: 'In inference the image of a mixture of two inputs is the mixture of their images, and the state stays.',
  formula: 'f(t x + (1 − t) x′) = t f(x) + (1 − t) f(x′)',
  subject: decorrelatedBatchNormLayer,
  cases: seeds,
  mutants: [
    {
      name: 'inference takes the statistics of its batch',
      plant: (make) => (options) => {
        const layer = make(options);
        return { ...layer, apply: (params, state, x) => layer.apply(params, state, x, { train: true }) };
      },
    },
  ],
  holds(make, { seed }) {
    const layer = make({ groups: 2 });
    const params = { weight: draw([4], seed, 1), bias: draw([4], seed, 2) };
    const state = { running_mean: draw([4], seed, 3), running_whitening: draw([2, 2, 2], seed, 4) };
    const g = (x: Tensor): Tensor => {
      const [y, next] = layer.apply(params, state, x, { train: false });
      if (next !== state) throw new Violation({ what: 'state', received: 'another', expected: 'the same' });
      return y;
    };
    const [a, b] = [draw([3, 4, 2], seed, 7), draw([3, 4, 2], seed, 8)];
    const mix = (p: Tensor, q: Tensor): Tensor => add(mul(p, 0.375), mul(q, 0.625));
    expectClose(
      { what: 'image of the mixture', shape: a.shape, source: 'mixture of the images' },
      g(mix(a, b)).dataSync(),
      mix(g(a), g(b)).dataSync(),
      { relative: 1e-11, absolute: 1e-11 },
    );
  },
};

const special: Laws = {
  subject: 'decorrelatedBatchNorm',
  laws: [whitens, rotates, separate, fixedPoint, affineLaw],
};

const layers: Laws = layerLaws('decorrelatedBatchNorm layers', {
  samples: [
    { layer: decorrelatedBatchNormLayer({ eps }), inputShape: [2, 3] },
    { layer: decorrelatedBatchNormLayer({ eps, groups: 2, affine: false }), inputShape: [4] },
    { layer: decorrelatedBatchNormLayer({ eps, momentum: null }), inputShape: [2, 2, 2] },
  ],
  invalid: [
    { layer: decorrelatedBatchNormLayer(), inputShape: [], throws: /\[C, \.\.\.spatial\]/ },
    { layer: decorrelatedBatchNormLayer({ groups: 2 }), inputShape: [3], throws: /divides the 3 channels/ },
  ],
  mixesBatch: 'its statistics are over the batch',
  constantInit: 'it starts as plain whitening: weights of 1, biases of 0',
});

/** Of the roots of matrices and their gradient, of whitening as a function, and of the layers. */
export const laws: readonly Laws[] = [
  rootLaws,
  lyapunovLaws,
  spectralLaws,
  asFunction,
  special,
  searchLaws('decorrelatedBatchNorm', decorrelatedCall, decorrelatedSearch),
  layers,
];
