import { vjp } from '@lemmata/autograd';
import {
  expectClose,
  exactly,
  floats,
  integers,
  ints,
  type Law,
  layerLaws,
  type Laws,
  type Mutant,
  noise,
  opLaws,
  searchLaws,
} from '@lemmata/laws';
import { add, mul, oneHot, sum, tensor, type Tensor, transpose, matmul, stopGradient } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { embedding, embeddingLayer, type EmbeddingOptions } from './embedding.js';
import { Embedding } from './op.js';
import { embeddingCall, embeddingSearch } from './search.laws.js';

const plain = { paddingIdx: null, scaleGradByFreq: false };

const op: Laws = opLaws(Embedding, {
  samples: [
    { attrs: plain, inputs: [ints([4], integers(0, 2)), floats([3, 2])] },
    { attrs: plain, inputs: [ints([2, 3], integers(0, 1)), floats([2, 3])] },
    { attrs: plain, inputs: [ints([], integers(0, 2)), floats([3, 1])] },
    { attrs: plain, inputs: [ints([0]), floats([3, 2])] },
    // What sets these options apart from a derivative does not show: no index is the padding, none occurs twice.
    { attrs: { paddingIdx: 3, scaleGradByFreq: true }, inputs: [ints([3], exactly(2, 0, 1)), floats([4, 2])] },
  ],
  invalid: [
    {
      attrs: plain,
      inputs: [floats([4]), floats([3, 2])],
      throws:
        /indices must be int32 \(received 'float64'\)\. Convert with cast\(indices, 'int32'\)\.\n {2}shapes: indices \[4\], weight \[3, 2\]$/,
    },
    { attrs: plain, inputs: [ints([4]), floats([3])], throws: /weight must be \[rows, features\] \(received 1\)/ },
  ],
  oracle: (_, indices, weight) => {
    const D = weight.shape[1];
    const row = (index: number): number[] => Array.from(weight.data).slice(index * D, (index + 1) * D);
    return { shape: [...indices.shape, D], data: Array.from(indices.data, row).flat() };
  },
});

type Embed = (indices: Tensor, weight: Tensor, options?: EmbeddingOptions) => Tensor;

interface Case {
  readonly seed: number;
  readonly indices: readonly number[];
}

const [V, D] = [4, 2];
const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.nat(1e6),
  indices: fc.array(fc.nat(V - 1), { minLength: 5, maxLength: 7 }),
});
const at = ({ seed, indices }: Case): [Tensor, Tensor, Tensor] => [
  tensor([...indices], { dtype: 'int32' }),
  tensor(noise(V * D, seed), { shape: [V, D] }),
  tensor(noise(indices.length * D, seed, 1), { shape: [indices.length, D] }),
];
const gradient = (f: Embed, indices: Tensor, weight: Tensor, u: Tensor, options?: EmbeddingOptions): Tensor =>
  vjp((w: Tensor) => f(indices, w, options), weight).pullback(u)[0];
const close = { relative: 1e-12, absolute: 1e-12 };

/** The same value with another gradient. */
const scaled = (y: Tensor, by: number): Tensor => add(mul(y, by), mul(stopGradient(y), 1 - by));
const wrongScale: Mutant<Embed> = {
  name: 'gradient 1 % too large',
  plant: (f) => (i, w, options) => scaled(f(i, w, options), 1.01),
};
const noOptions: Mutant<Embed> = { name: 'the options are ignored', plant: (f) => (i, w) => f(i, w) };

const product: Law<Embed, Case> = {
  name: 'A4: an embedding is a product with one-hot rows',
  statement:
    'Values and gradients are those of that product: gradients of a row that is looked up several times add up.',
  formula: 'embed(i, W) = onehot(i) W',
  subject: embedding,
  cases,
  mutants: [wrongScale, { name: 'the first row for all', plant: (f) => (i, w, o) => f(mul(i, 0), w, o) }],
  holds(f, example) {
    const [indices, weight, u] = at(example);
    const rows = oneHot(indices, V, 'float64');
    const y = f(indices, weight);
    const expected = matmul(rows, weight);
    expectClose({ what: 'rows', shape: y.shape }, y.dataSync(), expected.dataSync(), close);
    const g = gradient(f, indices, weight, u);
    const adjoint = matmul(transpose(rows), u);
    expectClose({ what: 'gradient', shape: g.shape }, g.dataSync(), adjoint.dataSync(), close);
  },
};

const frequency: Law<Embed, Case> = {
  name: 'scaleGradByFreq takes the mean instead of the sum',
  statement: 'The gradient of a row is the mean over its occurrences.',
  formula: '∂/∂W_v = Σ u / count(v)',
  subject: embedding,
  cases: cases.filter(({ indices }) => new Set(indices).size < indices.length),
  mutants: [noOptions, wrongScale],
  holds(f, example) {
    const [indices, weight, u] = at(example);
    const counts = sum(oneHot(indices, V, 'float64'), { axis: 0 }).dataSync();
    const all = gradient(embedding, indices, weight, u).dataSync();
    const expected = all.map((g, i) => g / Math.max(1, counts[Math.floor(i / D)]));
    const received = gradient(f, indices, weight, u, { scaleGradByFreq: true });
    expectClose({ what: 'gradient', shape: [V, D], source: 'sum / count' }, received.dataSync(), expected, close);
  },
};

const padding: Law<Embed, Case> = {
  name: 'A4: the padding row is looked up, and receives no gradient',
  statement:
    'Values are as without; the gradient is 0 in the padding row, whatever comes from above, and else unchanged.',
  formula: '∂/∂W_padding = 0',
  subject: embedding,
  cases: cases.filter(({ indices }) => indices.includes(V - 1)),
  mutants: [
    noOptions,
    { name: 'the row before', plant: (f) => (i, w, o) => f(i, w, o && { ...o, paddingIdx: V - 2 }) },
  ],
  holds(f, example) {
    const [indices, weight, u] = at(example);
    const spoilt = tensor(
      u.dataSync().map((v, i) => (example.indices[Math.floor(i / D)] === V - 1 ? NaN : v)),
      { shape: u.shape },
    );
    const expected = gradient(embedding, indices, weight, u)
      .dataSync()
      .fill(0, (V - 1) * D);
    for (const paddingIdx of [V - 1, -1]) {
      const received = gradient(f, indices, weight, spoilt, { paddingIdx });
      expectClose({ what: 'gradient', shape: [V, D] }, received.dataSync(), expected, close);
      const [y, same] = [f(indices, weight, { paddingIdx }), embedding(indices, weight)];
      expectClose({ what: 'rows', shape: y.shape }, y.dataSync(), same.dataSync(), { relative: 0, absolute: 0 });
    }
  },
};

const layers: Laws = layerLaws('embedding layer', {
  samples: [
    {
      layer: embeddingLayer({ numEmbeddings: 3, embeddingDim: 2 }),
      inputShape: [4],
      dtype: 'int32',
      values: integers(0, 2),
    },
    {
      layer: embeddingLayer({ numEmbeddings: 2, embeddingDim: 3 }),
      inputShape: [2, 2],
      dtype: 'int32',
      values: integers(0, 1),
    },
    {
      layer: embeddingLayer({ numEmbeddings: 4, embeddingDim: 1, paddingIdx: -1 }),
      inputShape: [],
      dtype: 'int32',
      values: integers(0, 2),
    },
  ],
});

/** Of the op, of embedding as a function, and of the layer. */
export const laws: readonly Laws[] = [
  op,
  { subject: 'embedding, the function', laws: [product, frequency, padding] },
  layers,
  searchLaws('embedding', embeddingCall, embeddingSearch),
];
