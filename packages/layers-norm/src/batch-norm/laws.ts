import { compile } from '@lemmata/compile';
import {
  allLaws,
  expectClose,
  expectSame,
  floats,
  type Law,
  type Laws,
  layerLaws,
  type NdArray,
  normalisationLaws,
  noise,
  opLaws,
  uniform,
  Violation,
  searchLaws,
} from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { add, mul, slice, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { gradientsByJacobian } from '../gradient.laws.js';
import { batchNorm } from './batch-norm.js';
import { type BatchNormLayerOptions, batchNormLayer, type BatchNormParams, type BatchNormState } from './layer.js';
import { BatchNorm, BatchNormGradient, SquaredDeviation, TimesDeviation } from './op.js';
import { batchNormCall, batchNormSearch } from './search.laws.js';

const eps = 1e-3;

/** Mean, biased variance and output of each channel of [N, C, S], by sums over indices. */
function normalised(x: NdArray, weight: NdArray, bias: NdArray): NdArray[] {
  const [N, C] = x.shape;
  const S = x.data.length / (N * C);
  const y = new Array<number>(x.data.length);
  const [means, variances]: number[][] = [[], []];
  for (let c = 0; c < C; c++) {
    const at: number[] = [];
    for (let n = 0; n < N; n++) for (let s = 0; s < S; s++) at.push((n * C + c) * S + s);
    const mean = at.reduce((total, i) => total + x.data[i], 0) / at.length;
    const variance = at.reduce((total, i) => total + (x.data[i] - mean) ** 2, 0) / at.length;
    for (const i of at) y[i] = ((x.data[i] - mean) / Math.sqrt(variance + eps)) * weight.data[c] + bias.data[c];
    means.push(mean);
    variances.push(variance);
  }
  return [
    { shape: x.shape, data: y },
    { shape: [C], data: means },
    { shape: [C], data: variances },
  ];
}

const op: Laws = opLaws(BatchNorm, {
  samples: [
    { attrs: { eps }, inputs: [floats([4, 3]), floats([3]), floats([3])] },
    { attrs: { eps }, inputs: [floats([2, 2, 3]), floats([2]), floats([2])] },
    { attrs: { eps }, inputs: [floats([1, 2, 2, 2]), floats([2]), floats([2])] },
  ],
  invalid: [
    {
      attrs: { eps },
      inputs: [floats([1, 3]), floats([3]), floats([3])],
      throws:
        /more than one value, over batch and space, for its variance \(received 1\)\. Use a larger batch, or inference mode with running statistics\.\n {2}shapes: x \[1, 3\], weight \[3\], bias \[3\]$/,
    },
    { attrs: { eps }, inputs: [floats([3]), floats([3]), floats([3])], throws: /x is \[N, C, \.\.\.spatial\]/ },
    {
      attrs: { eps },
      inputs: [floats([2, 3]), floats([1]), floats([3])],
      throws: /weight must have one value for each channel/,
    },
    {
      attrs: { eps },
      inputs: [floats([2, 3]), floats([3]), { shape: [3], dtype: 'int32' }],
      throws: /bias must have the dtype of x/,
    },
  ],
  oracle: (_attrs, x, weight, bias) => normalised(x, weight, bias),
  float32Bound: {
    relative: 2e-5,
    absolute: 2e-5,
    reason: '1 / √(σ² + ε) is up to 30 where a channel hardly varies, and so is a rounding of x − μ',
  },
});

const gradient: Laws = opLaws(BatchNormGradient, {
  samples: [
    {
      attrs: { eps },
      inputs: [floats([4, 3]), floats([3]), floats([3]), floats([3], uniform(0.5, 2)), floats([4, 3])],
    },
    {
      attrs: { eps },
      inputs: [floats([2, 2, 3]), floats([2]), floats([2]), floats([2], uniform(0.5, 2)), floats([2, 2, 3])],
    },
  ],
  invalid: [],
  oracle(_attrs, x, ...operands) {
    const [N, C] = x.shape;
    const channel = (i: number): number => Math.floor((i * N * C) / x.data.length) % C;
    return gradientsByJacobian(
      { part: channel, channel, eps },
      x,
      ...(operands as [NdArray, NdArray, NdArray, NdArray]),
    );
  },
  float32Bound: {
    relative: 2e-5,
    absolute: 2e-5,
    reason: 'sums of products of up to six numbers, divided by a variance of at least ½',
  },
});

const family: Laws = normalisationLaws('batchNorm', {
  normalise: (x, eps) => batchNorm(x, null, null, { eps }),
  shape: [4, 3, 2],
  axes: [0, 2],
});

interface Drawn {
  readonly seed: number;
}

const seeds: fc.Arbitrary<Drawn> = fc.record({ seed: fc.nat(0x7ffffffe) });

function draw(shape: readonly [number, number, number], seed: number, stream = 0): Tensor {
  return tensor(noise(shape[0] * shape[1] * shape[2], seed, stream), { shape });
}

/** Elements of channel c of [N, C, S]. */
function channel(t: Tensor, c: number): number[] {
  const [, C, S] = t.shape;
  return [...t.dataSync()].filter((_, i) => Math.floor(i / S) % C === c);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((total, v) => total + v, 0) / list.length;
  const product = (p: readonly number[], q: readonly number[]): number => {
    const [mp, mq] = [mean(p), mean(q)];
    return mean(p.map((v, i) => (v - mp) * (q[i] - mq)));
  };
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

const keepsCorrelations: Law<(x: Tensor) => Tensor, Drawn> = {
  name: 'keeps correlations',
  statement: 'The correlation of any two channels is the same before and after: each is scaled and shifted on its own.',
  formula: 'corr(yᵢ, yⱼ) = corr(xᵢ, xⱼ)',
  subject: (x) => batchNorm(x),
  cases: seeds,
  mutants: [
    {
      name: 'each channel has half of the first added',
      plant: (f) => (x) => {
        const y = f(x);
        return add(y, mul(slice(y, [[null], [0, 1]]), 0.5));
      },
    },
    {
      name: 'results are squared',
      plant: (f) => (x) => {
        const y = f(x);
        return mul(y, y);
      },
    },
  ],
  holds(f, { seed }) {
    // A common part makes the channels correlated.
    const x = add(draw([5, 3, 2], seed), draw([5, 1, 2], seed, 1));
    const y = f(x);
    const pairs = [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const;
    const of = (t: Tensor): number[] => pairs.map(([i, j]) => correlation(channel(t, i), channel(t, j)));
    expectClose({ what: 'correlations', shape: [3], source: 'of x' }, of(y), of(x), {
      relative: 1e-9,
      absolute: 1e-9,
    });
  },
};

type BatchNormLayer = Layer<BatchNormParams, BatchNormState>;
type Make = (options: BatchNormLayerOptions) => BatchNormLayer;

const fixedPoint: Law<Make, Drawn & { readonly momentum: number }> = {
  name: 'N2, N3: a constant batch is a fixed point of the running statistics',
  statement:
    'Under one batch, again and again, the running statistics approach its mean and unbiased variance by the factor 1 − momentum at each step, and once there stay to the bit.',
  formula: 'rₜ − s = (1 − m)ᵗ (r₀ − s)',
  subject: batchNormLayer,
  cases: fc.record({ seed: fc.nat(0x7ffffffe), momentum: fc.constantFrom(0.1, 0.25, 0.9) }),
  mutants: [
    {
      name: 'statistics are not advanced',
      plant: (make) => (options) => {
        const layer = make(options);
        return { ...layer, apply: (params, state, x, context) => [layer.apply(params, state, x, context)[0], state] };
      },
    },
    {
      name: 'momentum is the weight of the old',
      plant: (make) => (options) => make({ ...options, momentum: 1 - options.momentum! }),
    },
    {
      name: 'the biased variance is kept',
      plant: (make) => (options) => {
        const layer = make(options);
        return {
          ...layer,
          apply(params, state, x, context) {
            const [y, next] = layer.apply(params, state, x, context);
            const { momentum } = options;
            const n = x.shape[0] * x.shape[2];
            const kept = mul(state.running_var!, 1 - momentum!);
            const biased = mul(add(next.running_var!, mul(kept, -1)), (n - 1) / n);
            return [y, { ...next, running_var: add(kept, biased) }];
          },
        };
      },
    },
  ],
  holds(make, { seed, momentum }) {
    const layer = make({ momentum, affine: false });
    const x = draw([3, 2, 2], seed);
    const train = { train: true };
    const target = [0, 1].map((c) => {
      const values = channel(x, c);
      const mean = values.reduce((total, v) => total + v, 0) / values.length;
      return [mean, values.reduce((total, v) => total + (v - mean) ** 2, 0) / (values.length - 1)] as const;
    });
    const begin = [noise(2, seed, 1), noise(2, seed, 2).map(Math.abs)] as const;
    let state: BatchNormState = { running_mean: tensor(begin[0]), running_var: tensor(begin[1]) };
    for (let t = 1; t <= 5; t++) {
      [, state] = layer.apply({}, state, x, train);
      const left = (1 - momentum) ** t;
      const expected = [0, 1].map((k) => target.map((s, c) => s[k] + left * (begin[k][c] - s[k])));
      for (const [k, running] of [state.running_mean!, state.running_var!].entries()) {
        const about = {
          what: `running ${k === 0 ? 'mean' : 'variance'} after ${t} batches`,
          shape: [2],
          source: 'r + (1 − m)ᵗ (r₀ − s)',
        };
        expectClose(about, running.dataSync(), expected[k], { relative: 1e-12, absolute: 1e-12 });
      }
    }
    const [, there] = make({ momentum: 1, affine: false }).apply({}, state, x, train);
    const [, still] = layer.apply({}, there, x, train);
    for (const name of ['running_mean', 'running_var'] as const) {
      expectSame(
        { what: `${name} at the fixed point`, shape: [2], source: 'before' },
        still[name]!.dataSync(),
        there[name]!.dataSync(),
      );
    }
  },
};

const affine: Law<Make, Drawn> = {
  name: 'N5: inference is affine',
  statement: 'In inference the image of a mixture of two inputs is the mixture of their images.',
  formula: 'f(t x + (1 − t) x′) = t f(x) + (1 − t) f(x′)',
  subject: batchNormLayer,
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
    const layer = make({});
    const params = { weight: tensor(noise(2, seed, 3)), bias: tensor(noise(2, seed, 4)) };
    const state = {
      running_mean: tensor(noise(2, seed, 5)),
      running_var: tensor(noise(2, seed, 6).map((v) => v + 1.5)),
    };
    const f = (x: Tensor): Tensor => layer.apply(params, state, x, { train: false })[0];
    const [a, b] = [draw([3, 2, 2], seed, 7), draw([3, 2, 2], seed, 8)];
    const mix = (p: Tensor, q: Tensor): Tensor => add(mul(p, 0.375), mul(q, 0.625));
    expectClose(
      { what: 'image of the mixture', shape: a.shape, source: 'mixture of the images' },
      f(mix(a, b)).dataSync(),
      mix(f(a), f(b)).dataSync(),
      { relative: 1e-11, absolute: 1e-11 },
    );
  },
};

/** Runs a layer over batches in training, from a state, with compiled steps; gives the last state. */
type Training = (layer: BatchNormLayer, state: BatchNormState, batches: readonly Tensor[]) => BatchNormState;

const compiledTraining: Training = (layer, start, batches) => {
  const step = compile(
    (state: BatchNormState, x: Tensor) => {
      const [y, next] = layer.apply({}, state, x, { train: true });
      return [next, y] as [BatchNormState, Tensor];
    },
    { donate: 1 },
  );
  return batches.reduce<BatchNormState>((state, x) => step(state, x)[0], start);
};

const carries: Law<Training, Drawn> = {
  name: 'a compiled step carries the state',
  statement:
    'Steps that are compiled once, with the state as argument and result, leave the statistics that eager steps leave, bit for bit.',
  formula: 'compiled(stepₙ ∘ … ∘ step₁)(s) = (stepₙ ∘ … ∘ step₁)(s)',
  subject: compiledTraining,
  cases: seeds,
  cost: 3,
  mutants: [
    {
      name: 'the state is captured by closure',
      plant: () => (layer, start, batches) => {
        const step = compile((x: Tensor) => layer.apply({}, start, x, { train: true })[1]);
        return batches.reduce<BatchNormState>((_, x) => step(x), start);
      },
    },
    {
      name: 'the state is not advanced',
      plant: () => (layer, start, batches) => {
        const step = compile(
          (state: BatchNormState, x: Tensor) => {
            layer.apply({}, state, x, { train: true });
            return [state, x] as [BatchNormState, Tensor];
          },
          { donate: 1 },
        );
        return batches.reduce<BatchNormState>((state, x) => step(state, x)[0], start);
      },
    },
  ],
  holds(training, { seed }) {
    for (const momentum of [0.1, null]) {
      const layer = batchNormLayer({ affine: false, momentum });
      const { state: start } = layer.init(tensor([seed, 1], { dtype: 'int32' }), [2, 2]);
      const batches = [1, 2, 3].map((stream) => draw([3, 2, 2], seed, stream));
      const eager = batches.reduce((state, x) => layer.apply({}, state, x, { train: true })[1], start);
      const compiled = training(layer, start, batches);
      for (const [name, expected] of Object.entries(eager) as [keyof BatchNormState, Tensor][]) {
        const received = compiled[name];
        if (received === undefined) throw new Violation({ what: name, received: 'nothing', expected: 'statistics' });
        expectSame({ what: name, shape: expected.shape, source: 'eager' }, received.dataSync(), expected.dataSync());
      }
    }
  },
};

const special: Laws = { subject: 'batchNorm', laws: [keepsCorrelations, fixedPoint, affine, carries] };

const layers: Laws = layerLaws('batchNorm layers', {
  samples: [
    { layer: batchNormLayer({ eps }), inputShape: [2, 3] },
    { layer: batchNormLayer({ eps, affine: false }), inputShape: [3] },
    { layer: batchNormLayer({ eps, momentum: null }), inputShape: [2, 2, 2] },
    { layer: batchNormLayer({ eps, bias: false, spatialAxes: [0, 1] }), inputShape: [2, 3] },
  ],
  invalid: [
    {
      layer: batchNormLayer({ spatialAxes: [0, 1] }),
      inputShape: [3, 4, 4],
      throws: /batchNorm: the input has 0 or 1 axes behind the channels \(received \[3, 4, 4\]\)/,
    },
    { layer: batchNormLayer(), inputShape: [], throws: /\[C, \.\.\.spatial\]/ },
  ],
  mixesBatch: 'its statistics are over the batch',
  constantInit: 'it starts as plain normalisation: weights of 1, biases of 0',
});

const row = floats([2, 3]);

const deviations: readonly Laws[] = [
  opLaws(SquaredDeviation, {
    samples: [{ attrs: {}, inputs: [row, row] }],
    invalid: [],
    formula: (_, x, mean) => (x - mean) ** 2,
  }),
  opLaws(TimesDeviation, {
    samples: [{ attrs: {}, inputs: [row, row, row] }],
    invalid: [],
    formula: (_, u, x, mean) => u * (x - mean),
  }),
];

/** Of the op and its gradient, of the steps that they are made of, of normalisation, and of the layers. */
export const laws: readonly Laws[] = [
  op,
  gradient,
  ...deviations,
  allLaws('batchNorm', family, special),
  searchLaws('batchNorm', batchNormCall, batchNormSearch),
  layers,
];
