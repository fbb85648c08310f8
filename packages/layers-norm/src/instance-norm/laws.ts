import {
  allLaws,
  expectClose,
  expectSame,
  floats,
  functionOp,
  type Law,
  type Laws,
  layerLaws,
  type NdArray,
  normalisationLaws,
  opLaws,
  searchLaws,
} from '@lemmata/laws';
import { add, tensor, type Tensor } from '@lemmata/tensor';
import type { Layer } from '@lemmata/nn';
import { batchNormLayer, type BatchNormState } from '../batch-norm/index.js';
import { draw, type Drawn, modeLaw, seeds } from '../family.laws.js';
import { instanceNorm } from './instance-norm.js';
import { instanceNormLayer, type InstanceNormLayerOptions } from './layer.js';
import { instanceNormCall, instanceNormSearch } from './search.laws.js';

const eps = 1e-3;

/** Plane by plane, by sums over indices. */
function normalised(x: NdArray, weight: NdArray, bias: NdArray): NdArray {
  const C = x.shape[1];
  const S = x.shape.slice(2).reduce((a, b) => a * b, 1);
  const data = Array.from(x.data);
  for (let plane = 0; plane * S < data.length; plane++) {
    const row = Array.from({ length: S }, (_, s) => x.data[plane * S + s]);
    const mean = row.reduce((total, v) => total + v, 0) / S;
    const variance = row.reduce((total, v) => total + (v - mean) ** 2, 0) / S;
    const c = plane % C;
    for (const [s, v] of row.entries())
      data[plane * S + s] = ((v - mean) / Math.sqrt(variance + eps)) * weight.data[c] + bias.data[c];
  }
  return { shape: x.shape, data };
}

const f = functionOp('instanceNorm', (_: object, x: Tensor, weight: Tensor, bias: Tensor) =>
  instanceNorm(x, weight, bias, { eps }),
);

const asFunction: Laws = opLaws(f, {
  samples: [
    { attrs: {}, inputs: [floats([2, 2, 3]), floats([2]), floats([2])] },
    { attrs: {}, inputs: [floats([1, 3, 2, 2]), floats([3]), floats([3])] },
  ],
  invalid: [
    { attrs: {}, inputs: [floats([2, 3, 1]), floats([3]), floats([3])], throws: /more than one value/ },
    { attrs: {}, inputs: [floats([2, 3]), floats([3]), floats([3])], throws: /more than one value/ },
    { attrs: {}, inputs: [floats([2, 3, 4]), floats([2]), floats([3])], throws: /weight must have one value/ },
  ],
  oracle: (_, x, weight, bias) => normalised(x, weight, bias),
  float32Bound: {
    relative: 2e-5,
    absolute: 2e-5,
    reason: '1 / √(σ² + ε) is up to 30 where a plane hardly varies, and so is a rounding of x − μ',
  },
});

const family: Laws = normalisationLaws('instanceNorm', {
  normalise: (x, e) => instanceNorm(x, null, null, { eps: e }),
  shape: [2, 3, 2, 2],
  axes: [2, 3],
});

type Make = (options: InstanceNormLayerOptions) => Layer<any, BatchNormState>;

const asBatchNorm: Law<Make, Drawn> = {
  name: 'N10: inference with running statistics is batch norm',
  statement: 'With the same parameters and statistics, inference gives the bits of batch norm.',
  formula: 'IN(x; r) = BN(x; r)',
  subject: instanceNormLayer,
  cases: seeds,
  mutants: [
    { name: 'statistics are not kept', plant: (make) => (options) => make({ ...options, trackRunningStats: false }) },
    {
      name: 'inference takes the statistics of each sample',
      plant: (make) => (options) => {
        const layer = make(options);
        return {
          ...layer,
          apply: (params, state, x, context) => layer.apply(params, state, x, { ...context, train: true }),
        };
      },
    },
  ],
  holds(make, { seed }) {
    const layer = make({ affine: true, trackRunningStats: true, eps });
    const params = { weight: draw([3], seed, 1), bias: draw([3], seed, 2) };
    const given = { running_mean: draw([3], seed, 3), running_var: add(draw([3], seed, 4), 1.5) };
    const { state } = layer.init(tensor([seed, 1], { dtype: 'int32' }), [3, 4]);
    // Only what the layer keeps: one that keeps nothing has nothing to take.
    const own = state.running_mean === undefined ? {} : given;
    const x = draw([2, 3, 4], seed);
    const [y] = layer.apply(params, own, x, { train: false });
    const [z] = batchNormLayer({ eps }).apply(params, given, x, { train: false });
    expectSame({ what: 'instance norm', shape: x.shape, source: 'batch norm' }, y.dataSync(), z.dataSync());
  },
};

const moves: Law<Make, Drawn> = {
  name: 'N2, N10: running statistics move to the mean over the samples',
  statement:
    'Training moves the running mean and variance by momentum towards the means over the batch of the means and unbiased variances of the samples.',
  formula: 'r′ = (1 − m) r + m · meanₙ(μₙ), (1 − m) r + m · meanₙ(σₙ² n / (n − 1))',
  subject: instanceNormLayer,
  cases: seeds,
  mutants: [
    { name: 'momentum is the weight of the old', plant: (make) => (o) => make({ ...o, momentum: 1 - o.momentum! }) },
    {
      name: 'the statistics are those of the whole batch',
      plant: (make) => (options) => {
        const [layer, batch] = [make(options), batchNormLayer(options)];
        return {
          ...layer,
          apply: (p, s, x, c) => [layer.apply(p, s, x, c)[0], batch.apply({}, s, x, c)[1]],
        };
      },
    },
  ],
  holds(make, { seed }) {
    const momentum = 0.25;
    const layer = make({ trackRunningStats: true, momentum, eps });
    const state = { running_mean: draw([2], seed, 1), running_var: draw([2], seed, 2) };
    const x = draw([3, 2, 4], seed);
    const [, next] = layer.apply({}, state, x, { train: true });
    const data = [...x.dataSync()];
    const [means, variances] = [0, 1].map((k) =>
      [0, 1].map((c) => {
        let total = 0;
        for (let n = 0; n < 3; n++) {
          const row = data.slice((n * 2 + c) * 4, (n * 2 + c + 1) * 4);
          const mean = row.reduce((a, b) => a + b, 0) / 4;
          total += k === 0 ? mean : row.reduce((a, b) => a + (b - mean) ** 2, 0) / 3;
        }
        const before = (k === 0 ? state.running_mean : state.running_var).dataSync()[c];
        return (1 - momentum) * before + (momentum * total) / 3;
      }),
    );
    const bound = { relative: 1e-12, absolute: 1e-12 };
    const about = { shape: [2], source: 'means over samples' };
    expectClose({ ...about, what: 'running_mean' }, next.running_mean!.dataSync(), means, bound);
    expectClose({ ...about, what: 'running_var' }, next.running_var!.dataSync(), variances, bound);
  },
};

const plain = [
  { layer: instanceNormLayer({ eps }), inputShape: [2, 3] },
  { layer: instanceNormLayer({ eps, affine: true }), inputShape: [2, 2, 2] },
  { layer: instanceNormLayer({ eps, affine: true, bias: false }), inputShape: [1, 1, 2, 2] },
];

const layers: Laws = layerLaws('instanceNorm layers', {
  samples: [
    ...plain,
    { layer: instanceNormLayer({ eps, affine: true, trackRunningStats: true }), inputShape: [2, 3] },
    { layer: instanceNormLayer({ eps, trackRunningStats: true, momentum: null }), inputShape: [2, 3] },
  ],
  invalid: [
    { layer: instanceNormLayer(), inputShape: [3], throws: /more than one place in space/ },
    { layer: instanceNormLayer(), inputShape: [3, 1], throws: /more than one place in space/ },
    {
      layer: instanceNormLayer({ spatialAxes: 2 }),
      inputShape: [3, 4],
      throws: /instanceNorm: the input has 2 axes behind the channels \(received \[3, 4\]\)/,
    },
  ],
  constantInit: 'it starts as plain normalisation: weights of 1, biases of 0',
});

/** Of instance norm as a function, of normalisation, and of the layers. */
export const laws: readonly Laws[] = [
  asFunction,
  allLaws('instanceNorm', family, { subject: 'instanceNorm', laws: [asBatchNorm, moves, modeLaw(plain)] }),
  searchLaws('instanceNorm', instanceNormCall, instanceNormSearch),
  layers,
];
