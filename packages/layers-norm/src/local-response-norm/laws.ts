import {
  expectClose,
  floats,
  functionOp,
  type Law,
  type Laws,
  layerLaws,
  type NdArray,
  opLaws,
  uniform,
  searchLaws,
} from '@lemmata/laws';
import { mul, type Tensor } from '@lemmata/tensor';
import { draw, type Drawn, seeds } from '../family.laws.js';
import {
  localResponseNorm,
  localResponseNormLayer,
  type LocalResponseNormOptions,
  Respond,
} from './local-response-norm.js';
import { ChannelWindowSum } from './op.js';
import { localResponseCall, localResponseSearch } from './search.laws.js';

/** Σ f(x) over the channels from `before` in front to `after` behind, each index on its own. */
function windows(x: NdArray, before: number, after: number, f: (v: number) => number): number[] {
  const C = x.shape[1];
  const S = x.shape.slice(2).reduce((a, b) => a * b, 1);
  return Array.from(x.data, (_, i) => {
    const c = Math.floor(i / S) % C;
    let total = 0;
    for (let d = -before; d <= after; d++) if (c + d >= 0 && c + d < C) total += f(x.data[i + d * S]);
    return total;
  });
}

const sums: Laws = opLaws(ChannelWindowSum, {
  samples: [
    { attrs: { before: 1, after: 1 }, inputs: [floats([2, 4, 3])] },
    { attrs: { before: 2, after: 1 }, inputs: [floats([1, 5])] },
    { attrs: { before: 0, after: 0 }, inputs: [floats([2, 2, 2, 2])] },
    { attrs: { before: 4, after: 3 }, inputs: [floats([2, 3, 2])] },
  ],
  invalid: [
    {
      attrs: { before: 1, after: 1 },
      inputs: [floats([3])],
      throws: /x is \[N, C, \.\.\.spatial\] \(received \[3\]\)/,
    },
    {
      attrs: { before: 1, after: 1 },
      inputs: [{ shape: [2, 3], dtype: 'bool' }],
      throws: /must hold numbers \(received 'bool'\)\. Convert with cast\.\n {2}shapes: x \[2, 3\]$/,
    },
  ],
  oracle: ({ before, after }, x) => ({ shape: x.shape, data: windows(x, before, after, (v) => v) }),
});

const respond: Laws = opLaws(Respond, {
  samples: [
    { attrs: { size: 2, alpha: 0.5, beta: 0.75, k: 1 }, inputs: [floats([2, 3]), floats([2, 3], uniform(0, 4))] },
    { attrs: { size: 5, alpha: 2, beta: 2, k: 0.5 }, inputs: [floats([4]), floats([4], uniform(0, 4))] },
  ],
  invalid: [
    {
      attrs: { size: 2, alpha: 1, beta: 1, k: 1 },
      inputs: [floats([2]), floats([3])],
      throws: /equal shapes/,
    },
  ],
  formula: ({ size, alpha, beta, k }, x, sum) => x * Math.exp(-beta * Math.log(k + (alpha * sum) / size)),
});

const f = functionOp('localResponseNorm as a function', (options: LocalResponseNormOptions, x: Tensor) =>
  localResponseNorm(x, options),
);

const asFunction: Laws = opLaws(f, {
  samples: [
    { attrs: { size: 3, alpha: 0.5 }, inputs: [floats([2, 4, 2])] },
    { attrs: { size: 2, alpha: 1, beta: 0.5, k: 2 }, inputs: [floats([1, 3, 2, 2])] },
    { attrs: { size: 7, alpha: 1 }, inputs: [floats([2, 3])] },
  ],
  invalid: [
    { attrs: { size: 3 }, inputs: [floats([3])], throws: /x is \[N, C, \.\.\.spatial\]/ },
    { attrs: { size: 0 }, inputs: [floats([2, 3])], throws: /size must be a positive integer/ },
  ],
  oracle({ size, alpha = 1e-4, beta = 0.75, k = 1 }, x) {
    const squares = windows(x, Math.floor(size / 2), Math.floor((size - 1) / 2), (v) => v * v);
    return { shape: x.shape, data: Array.from(x.data, (v, i) => v / (k + (alpha * squares[i]) / size) ** beta) };
  },
});

type Respondent = (x: Tensor, options: LocalResponseNormOptions) => Tensor;

const homogeneous: Law<Respondent, Drawn> = {
  name: 'N13: scaling x is scaling α',
  statement: 'x scaled by a, with α divided by a², gives the result scaled by a.',
  formula: 'f(a x, α / a²) = a f(x, α)',
  subject: localResponseNorm,
  cases: seeds,
  mutants: [
    { name: 'α is a constant', plant: (g) => (x, options) => g(x, { ...options, alpha: 0.5 }) },
    { name: 'results are squared', plant: (g) => (x, options) => mul(g(x, options), g(x, options)) },
  ],
  holds(g, { seed }) {
    const x = draw([2, 5, 2], seed);
    const a = 2 + (seed % 5);
    const options = { size: 3, alpha: 0.5 };
    expectClose(
      { what: `f(${a} x)`, shape: x.shape, source: `${a} f(x)` },
      g(mul(x, a), { ...options, alpha: 0.5 / a ** 2 }).dataSync(),
      mul(g(x, options), a).dataSync(),
      { relative: 1e-12, absolute: 1e-14 },
    );
  },
};

const layers: Laws = layerLaws('localResponseNorm layers', {
  samples: [
    { layer: localResponseNormLayer({ size: 3, alpha: 0.5 }), inputShape: [4, 2] },
    { layer: localResponseNormLayer({ size: 2 }), inputShape: [3] },
  ],
  invalid: [{ layer: localResponseNormLayer({ size: 3 }), inputShape: [], throws: /\[C, \.\.\.spatial\]/ }],
});

/** Of the two ops, of local response normalisation as a function, and of the layers. */
export const laws: readonly Laws[] = [
  sums,
  respond,
  asFunction,
  { subject: 'localResponseNorm', laws: [homogeneous] },
  searchLaws('localResponseNorm', localResponseCall, localResponseSearch),
  layers,
];
