import {
  keepLaws,
  expectClose,
  floats,
  functionOp,
  type Law,
  layerLaws,
  type Laws,
  type NdArray,
  noise,
  opLaws,
  searchLaws,
  truths,
} from '@lemmata/laws';
import { cast, concat, indexSelect, key, mul, narrow, permute, select, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { multiHeadAttentionLayer } from './layer.js';
import {
  multiHeadAttention,
  multiHeadAttentionWithWeights,
  type MultiHeadAttentionOptions,
} from './multi-head-attention.js';
import { averaged, plainHeads } from './oracle.laws.js';
import { initMultiHeadAttention, type MultiHeadAttentionParams } from './params.js';
import { multiHeadCall, multiHeadSearch } from './search.laws.js';

interface Attrs {
  readonly numHeads: number;
  readonly causal?: boolean;
  readonly addZeroAttn?: boolean;
}

/** Self-attention with a padding mask, and its weights averaged over the heads. */
const self = functionOp<Attrs>(
  'multiHeadAttention',
  (
    options,
    x: Tensor,
    in_proj_weight: Tensor,
    in_proj_bias: Tensor,
    weight: Tensor,
    bias: Tensor,
    padding?: Tensor,
  ) => {
    const params = { in_proj_weight, in_proj_bias, out_proj: { weight, bias } };
    const { output, weights } = multiHeadAttentionWithWeights(x, x, x, params, { ...options, keyPaddingMask: padding });
    return [output, weights];
  },
);

const inputs = (N: number, L: number, E: number) => [
  floats([N, L, E]),
  floats([3 * E, E]),
  floats([3 * E]),
  floats([E, E]),
  floats([E]),
];

/** Values, shapes, refusals and compilation. Gradients are those of the ops, and the layer's laws measure them. */
const aboutValues = /^(infers|refuses|agrees|float32|compiled)/;

const everyLaw: Laws = opLaws(self, {
  samples: [
    { attrs: { numHeads: 2 }, inputs: inputs(2, 3, 4) },
    { attrs: { numHeads: 1, causal: true }, inputs: inputs(1, 3, 2) },
    { attrs: { numHeads: 3, addZeroAttn: true }, inputs: [...inputs(2, 2, 3), truths([2, 2])] },
    { attrs: { numHeads: 2 }, inputs: [...inputs(2, 3, 2), truths([2, 3])] },
  ],
  invalid: [
    {
      attrs: { numHeads: 3 },
      inputs: inputs(2, 3, 4),
      throws: /numHeads must be a positive integer that divides the 4/,
    },
    { attrs: { numHeads: 2 }, inputs: [...inputs(2, 3, 4), truths([3, 2])], throws: /keyPaddingMask must be \[N, S\]/ },
    { attrs: { numHeads: 2 }, inputs: [...inputs(2, 3, 4), floats([2, 3])], throws: /must hold truth values/ },
    {
      attrs: { numHeads: 2 },
      inputs: [floats([2, 3, 2]), ...inputs(2, 3, 4).slice(1)],
      throws: /in_proj_weight does not fit/,
    },
    {
      attrs: { numHeads: 2 },
      inputs: [floats([1, 2, 3, 4]), ...inputs(2, 3, 4).slice(1)],
      throws: /all \[N, length, features\]/,
    },
  ],
  float32Bound: {
    relative: 2e-5,
    absolute: 2e-5,
    reason: 'three products in a row, with sums of up to 12 and weights up to 2',
  },
  oracle(options, x, in_proj_weight, in_proj_bias, weight, bias, padding?: NdArray) {
    const params = { in_proj_weight, in_proj_bias, out_proj: { weight, bias } };
    const [output, weights] = plainHeads([x, x, x], params, { ...options, padding });
    return [output, averaged(weights)];
  },
});

const selfLaws = keepLaws(everyLaw, aboutValues, 'the ops that it is made of are held to it, and its layer');

type Attention = (
  q: Tensor,
  k: Tensor,
  v: Tensor,
  params: MultiHeadAttentionParams,
  options: MultiHeadAttentionOptions,
) => Tensor;

const [N, L, E, numHeads] = [2, 3, 4, 2];
const close = { relative: 1e-10, absolute: 1e-11 };
const cases = fc.record({ seed: fc.nat(1e6) });

/** Parameters in float64, biases drawn too. */
function draw(seed: number, kdim = E, vdim = E): MultiHeadAttentionParams {
  const params = initMultiHeadAttention(key(seed), { embedDim: E, kdim, vdim, addBiasKv: seed % 2 === 1 });
  const wide = (t: Tensor | undefined, stream: number): any =>
    t && tensor(noise(t.size, seed, stream), { shape: t.shape });
  const { out_proj, ...rest } = params;
  return {
    ...Object.fromEntries(Object.entries(rest).map(([name, t], i) => [name, wide(t, 50 + i)])),
    out_proj: { weight: wide(out_proj.weight, 60), bias: wide(out_proj.bias, 61) },
  };
}
const input = (seed: number, stream: number, shape: readonly number[] = [N, L, E]): Tensor =>
  tensor(
    noise(
      shape.reduce((a, b) => a * b, 1),
      seed,
      stream,
    ),
    { shape },
  );

const equivariance: Law<Attention, { readonly seed: number }> = {
  name: 'self-attention is equivariant under permutations',
  statement: 'A sequence in another order gives its outputs in that order, with extra keys too.',
  formula: 'attend(Px) = P attend(x)',
  subject: multiHeadAttention,
  cases,
  mutants: [
    { name: 'causal', plant: (f) => (q, k, v, p, o) => f(q, k, v, p, { ...o, causal: true }) },
    {
      name: 'the last key is not seen',
      plant: (f) => (q, k, v, p, o) => f(q, narrow(k, 1, 0, L - 1), narrow(v, 1, 0, L - 1), p, o),
    },
  ],
  holds(f, { seed }) {
    const [params, x, order] = [draw(seed), input(seed, 1), seed % 3 ? [1, 2, 0] : [2, 1, 0]];
    const options = { numHeads, addZeroAttn: seed % 5 === 0 };
    const moved = indexSelect(x, 1, order);
    const expected = indexSelect(f(x, x, x, params, options), 1, order);
    const received = f(moved, moved, moved, params, options);
    expectClose(
      { what: 'output', shape: expected.shape, source: 'P attend(x)' },
      received.dataSync(),
      expected.dataSync(),
      close,
    );
  },
};

const padded: Law<Attention, { readonly seed: number }> = {
  name: 'A2: padding is as good as absent',
  statement: 'Keys that are marked as padding, NaN among them, give what a sequence without them gives.',
  formula: 'attend(q, [k; NaN], [v; NaN]; padding) = attend(q, k, v)',
  subject: multiHeadAttention,
  cases,
  mutants: [
    {
      name: 'the padding mask is ignored',
      plant: (f) => (q, k, v, p, o) => f(q, k, v, p, { ...o, keyPaddingMask: null }),
    },
    {
      name: 'NaN is projected before it is masked',
      plant: (f) => (q, k, v, p, o) => mul(f(q, k, v, p, o), o.keyPaddingMask ? k.dataSync().at(-1)! : 1),
    },
  ],
  holds(f, { seed }) {
    const params = draw(seed, 3, 2);
    const [q, k, v] = [input(seed, 1), input(seed, 2, [N, L, 3]), input(seed, 3, [N, L, 2])];
    const spoilt = (x: Tensor): Tensor =>
      concat([x, tensor(new Float64Array(2 * x.size).fill(NaN), { shape: [N, 2 * L, x.shape[2]] })], 1);
    const padding = cast(
      tensor(
        Array.from({ length: N * 3 * L }, (_, i) => Number(i % (3 * L) >= L)),
        { shape: [N, 3 * L] },
      ),
      'bool',
    );
    const expected = f(q, k, v, params, { numHeads });
    const received = f(q, spoilt(k), spoilt(v), params, { numHeads, keyPaddingMask: padding });
    expectClose(
      { what: 'output', shape: expected.shape, source: 'without padding' },
      received.dataSync(),
      expected.dataSync(),
      close,
    );
  },
};

const oneByOne: Law<Attention, { readonly seed: number }> = {
  name: 'one query at a time is all at once',
  statement: 'Queries do not see each other; sequences with the batch behind, and single ones, give the same.',
  formula: 'attend(q, k, v)ᵢ = attend(qᵢ, k, v)',
  subject: multiHeadAttention,
  cases,
  mutants: [
    { name: 'masked like a sequence', plant: (f) => (q, k, v, p, o) => f(q, k, v, p, { ...o, causal: true }) },
    {
      name: 'batchFirst is ignored',
      plant:
        (f) =>
        (q, k, v, p, { batchFirst: _, ...o }) =>
          f(q, k, v, p, o),
    },
  ],
  holds(f, { seed }) {
    const [params, q, k] = [draw(seed), input(seed, 1), input(seed, 2, [N, L + 1, E])];
    const all = f(q, k, k, params, { numHeads });
    for (let i = 0; i < L; i++) {
      const expected = narrow(all, 1, i, 1);
      const received = f(narrow(q, 1, i, 1), k, k, params, { numHeads });
      expectClose({ what: `output ${i}`, shape: received.shape }, received.dataSync(), expected.dataSync(), close);
    }
    const single = f(first(q), first(k), first(k), params, { numHeads });
    expectClose({ what: 'a single sequence', shape: single.shape }, single.dataSync(), first(all).dataSync(), close);
    const turned = (x: Tensor): Tensor => permute(x, [1, 0, 2]);
    const behind = f(turned(q), turned(k), turned(k), params, { numHeads, batchFirst: false });
    expectClose({ what: 'the batch behind', shape: behind.shape }, behind.dataSync(), turned(all).dataSync(), close);
  },
};

function first(x: Tensor): Tensor {
  return select(x, 0, 0);
}

const layers: Laws = layerLaws('multi-head attention layer', {
  samples: [
    { layer: multiHeadAttentionLayer({ numHeads: 2, causal: true }), inputShape: [2, 2] },
    {
      layer: multiHeadAttentionLayer({ numHeads: 1, bias: false, addBiasKv: true, addZeroAttn: true }),
      inputShape: [2, 2],
    },
  ],
  invalid: [
    { layer: multiHeadAttentionLayer({ numHeads: 2 }), inputShape: [4], throws: /must be \[length, features\]/ },
    { layer: multiHeadAttentionLayer({ numHeads: 2 }), inputShape: [3, 5], throws: /divides the 5 features/ },
    { layer: multiHeadAttentionLayer({ numHeads: 2, embedDim: 4 }), inputShape: [3, 6], throws: /expected 4 features/ },
  ],
});

const dropping: Laws = layerLaws('multi-head attention layer with dropout', {
  samples: [{ layer: multiHeadAttentionLayer({ numHeads: 2, dropout: 0.4 }), inputShape: [2, 2] }],
  stochastic: true,
});

/** Of attention as a function, and of the layer. */
export const laws: readonly Laws[] = [
  selfLaws,
  { subject: 'multiHeadAttention', laws: [equivariance, padded, oneByOne] },
  layers,
  dropping,
  searchLaws('multiHeadAttention', multiHeadCall, multiHeadSearch),
];
