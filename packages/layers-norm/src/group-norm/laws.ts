import {
  allLaws,
  expectClose,
  floats,
  type Law,
  type Laws,
  layerLaws,
  type NdArray,
  normalisationLaws,
  opLaws,
  uniform,
  searchLaws,
} from '@lemmata/laws';
import { mul, reshape, type Tensor } from '@lemmata/tensor';
import { draw, type Drawn, modeLaw, seeds } from '../family.laws.js';
import { gradientsByJacobian } from '../gradient.laws.js';
import { instanceNorm } from '../instance-norm/index.js';
import { layerNorm } from '../layer-norm/index.js';
import { groupNorm } from './group-norm.js';
import { groupNormLayer } from './layer.js';
import { GroupNorm, type GroupNormAttrs, GroupNormGradient } from './op.js';
import { groupNormCall, groupNormSearch } from './search.laws.js';

const eps = 1e-3;

/** Output, means and biased variances, group by group, by sums over indices. */
function normalised({ groups }: GroupNormAttrs, x: NdArray, weight: NdArray, bias: NdArray): NdArray[] {
  const [N, C] = x.shape;
  const S = x.data.length / (N * C);
  const y = new Array<number>(x.data.length);
  const [means, variances]: number[][] = [[], []];
  for (let n = 0; n < N; n++) {
    for (let g = 0; g < groups; g++) {
      const at: number[] = [];
      for (let i = 0; i < x.data.length; i++) {
        const c = Math.floor(i / S) % C;
        if (Math.floor(i / (S * C)) === n && Math.floor((c * groups) / C) === g) at.push(i);
      }
      const mean = at.reduce((total, i) => total + x.data[i], 0) / at.length;
      const variance = at.reduce((total, i) => total + (x.data[i] - mean) ** 2, 0) / at.length;
      for (const i of at) {
        const c = Math.floor(i / S) % C;
        y[i] = ((x.data[i] - mean) / Math.sqrt(variance + eps)) * weight.data[c] + bias.data[c];
      }
      means.push(mean);
      variances.push(variance);
    }
  }
  return [
    { shape: x.shape, data: y },
    { shape: [N, groups], data: means },
    { shape: [N, groups], data: variances },
  ];
}

const op: Laws = opLaws(GroupNorm, {
  samples: [
    { attrs: { groups: 2, eps }, inputs: [floats([2, 4, 3]), floats([4]), floats([4])] },
    { attrs: { groups: 1, eps }, inputs: [floats([3, 4]), floats([4]), floats([4])] },
    { attrs: { groups: 3, eps }, inputs: [floats([1, 3, 2, 2]), floats([3]), floats([3])] },
  ],
  invalid: [
    { attrs: { groups: 3, eps }, inputs: [floats([2, 4, 3]), floats([4]), floats([4])], throws: /divides the 4/ },
    { attrs: { groups: 0, eps }, inputs: [floats([2, 4, 3]), floats([4]), floats([4])], throws: /groups must be/ },
    { attrs: { groups: 1, eps }, inputs: [floats([4]), floats([4]), floats([4])], throws: /x is \[N, C/ },
    {
      attrs: { groups: 1, eps },
      inputs: [floats([2, 4]), floats([2]), floats([4])],
      throws: /weight must have one value for each channel.*\n {2}shapes: x \[2, 4\], weight \[2\], bias \[4\]$/,
    },
  ],
  oracle: normalised,
  float32Bound: {
    relative: 2e-5,
    absolute: 2e-5,
    reason: '1 / √(σ² + ε) is up to 30 where a group hardly varies, and so is a rounding of x − μ',
  },
});

const gradient: Laws = opLaws(GroupNormGradient, {
  samples: [
    {
      attrs: { groups: 2, eps },
      inputs: [floats([2, 4, 3]), floats([4]), floats([2, 2]), floats([2, 2], uniform(0.5, 2)), floats([2, 4, 3])],
    },
  ],
  invalid: [],
  oracle({ groups }, x, ...operands) {
    const [N, C] = x.shape;
    const size = x.data.length / (N * groups);
    const channel = (i: number): number => Math.floor((i * N * C) / x.data.length) % C;
    const places = { part: (i: number) => Math.floor(i / size), channel, eps };
    return gradientsByJacobian(places, x, ...(operands as [NdArray, NdArray, NdArray, NdArray]));
  },
  float32Bound: {
    relative: 2e-5,
    absolute: 2e-5,
    reason: 'sums of products of up to six numbers, divided by a variance of at least ½',
  },
});

const family: Laws = normalisationLaws('groupNorm', {
  normalise: (x, e) => reshape(groupNorm(reshape(x, [3, 4, 2]), 2, null, null, { eps: e }), x.shape),
  shape: [3, 2, 2, 2],
  axes: [2, 3],
});

type Grouped = (x: Tensor, groups: number) => Tensor;

const extremes: Law<Grouped, Drawn> = {
  name: 'N9: one group is layer norm, as many as channels are instance norm',
  statement: 'With one group it is layer norm over channels and space, with a group a channel instance norm.',
  formula: 'GN(1) = LN(C, H, W), GN(C) = IN',
  subject: (x, groups) => groupNorm(x, groups),
  cases: seeds,
  mutants: [
    { name: 'one group and many are exchanged', plant: (f) => (x, groups) => f(x, x.shape[1] / groups) },
    { name: 'results 0.1 % too large', plant: (f) => (x, groups) => mul(f(x, groups), 1.001) },
  ],
  holds(f, { seed }) {
    const x = draw([2, 3, 2, 2], seed);
    const about = { shape: x.shape, source: 'the other norm' };
    const bound = { relative: 1e-12, absolute: 1e-12 };
    const layer = layerNorm(x, x.shape.slice(1)).dataSync();
    expectClose({ ...about, what: 'one group' }, f(x, 1).dataSync(), layer, bound);
    expectClose({ ...about, what: 'a group a channel' }, f(x, 3).dataSync(), instanceNorm(x).dataSync(), bound);
  },
};

const samples = [
  { layer: groupNormLayer({ groups: 2, eps }), inputShape: [4, 3] },
  { layer: groupNormLayer({ groups: 1, eps, affine: false }), inputShape: [3] },
  { layer: groupNormLayer({ groups: 2, eps, bias: false }), inputShape: [2, 2, 2] },
];

const layers: Laws = layerLaws('groupNorm layers', {
  samples,
  invalid: [
    { layer: groupNormLayer({ groups: 3 }), inputShape: [4, 2], throws: /divides the 4 channels/ },
    { layer: groupNormLayer({ groups: 1 }), inputShape: [], throws: /\[C, \.\.\.spatial\]/ },
  ],
  constantInit: 'it starts as plain normalisation: weights of 1, biases of 0',
});

/** Of the op and its gradient, of normalisation, and of the layers. */
export const laws: readonly Laws[] = [
  op,
  gradient,
  allLaws('groupNorm', family, { subject: 'groupNorm', laws: [extremes, modeLaw(samples)] }),
  searchLaws('groupNorm', groupNormCall, groupNormSearch),
  layers,
];
