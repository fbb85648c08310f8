import { vjp } from '@lemmata/autograd';
import { expectClose, expectSame, type Law, type Laws, type Mutant, noise, Violation } from '@lemmata/laws';
import {
  indexSelect,
  logicalNot,
  matmul,
  mul,
  narrow,
  ones,
  softmax,
  tensor,
  type Tensor,
  transpose,
  tril,
  where,
} from '@lemmata/tensor';
import * as fc from 'fast-check';
import {
  type AttentionOptions,
  type Attended,
  scaledDotProductAttentionWithWeights,
} from './scaled-dot-product-attention.js';

type Attention = (query: Tensor, key: Tensor, value: Tensor, options?: AttentionOptions) => Attended;

interface Case {
  readonly seed: number;
  /** One truth value for each query and key. */
  readonly keep: readonly boolean[];
}

const [L, S, D] = [3, 4, 2];
const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.nat(1e6),
  keep: fc.array(fc.boolean(), { minLength: L * S, maxLength: L * S }),
});
const close = { relative: 1e-11, absolute: 1e-12 };

const draw = (shape: readonly number[], seed: number, stream: number): Tensor =>
  tensor(
    noise(
      shape.reduce((a, b) => a * b, 1),
      seed,
      stream,
    ),
    { shape },
  );
const inputs = (seed: number): [Tensor, Tensor, Tensor] => [
  draw([L, D], seed, 0),
  draw([S, D], seed, 1),
  draw([S, D], seed, 2),
];
const maskOf = ({ keep }: Case): Tensor => tensor([...keep], { shape: [L, S], dtype: 'bool' });

/** Scores of −1e9 and a product with 0 instead of leaving out. */
const byLargeNumber: Mutant<Attention> = {
  name: 'masked scores are −10⁹, and masked values multiplied by their weight of 0',
  plant:
    () =>
    (q, k, v, { mask = null } = {}) => {
      const scores = mul(matmul(q, transpose(k)), 1 / Math.sqrt(D));
      const weights = softmax(mask === null ? scores : where(mask, scores, -1e9));
      return { output: matmul(weights, v), weights };
    },
};
const polarity: Mutant<Attention> = {
  name: 'true means masked',
  plant: (f) => (q, k, v, options) => f(q, k, v, { ...options, mask: logicalNot(options!.mask!) }),
};

const unattended: Law<Attention, Case> = {
  name: 'A1: a query that attends to no key gives 0, and passes no gradient',
  statement:
    'Its output and weights are 0, the gradients of query, key and value are finite, and those of its own row 0; other rows are as without it.',
  formula: 'mask[i] = false ⇒ yᵢ = 0, ∂/∂qᵢ = 0',
  subject: scaledDotProductAttentionWithWeights,
  cases,
  mutants: [
    byLargeNumber,
    {
      name: 'softmax of −∞ alone',
      plant:
        () =>
        (q, k, v, { mask = null } = {}) => {
          const scores = mul(matmul(q, transpose(k)), 1 / Math.sqrt(D));
          const weights = softmax(mask === null ? scores : where(mask, scores, -Infinity));
          return { output: matmul(weights, v), weights };
        },
    },
  ],
  holds(f, example) {
    const keep = example.keep.map((truth, n) => n >= S && truth);
    const at = inputs(example.seed);
    for (const mask of [tensor([...keep], { shape: [L, S], dtype: 'bool' }), bias(keep)]) {
      const { value, pullback } = vjp(
        (...x: Tensor[]) => {
          const { output, weights } = f(x[0], x[1], x[2], { mask });
          return [output, weights];
        },
        ...at,
      );
      const [output, weights] = value;
      for (const y of [output, weights]) {
        const row = narrow(y, 0, 0, 1);
        expectSame(
          { what: 'row without keys', shape: row.shape },
          row.dataSync(),
          new Float64Array(row.size),
          'number',
        );
      }
      const [dq, ...others] = pullback([draw([L, D], example.seed, 3), draw([L, S], example.seed, 4)]);
      expectSame(
        { what: 'gradient of its query', shape: [D] },
        narrow(dq, 0, 0, 1).dataSync(),
        new Float64Array(D),
        'number',
      );
      for (const g of [dq, ...others]) {
        const bad = g.dataSync().find((v) => !Number.isFinite(v));
        if (bad !== undefined) throw new Violation({ what: 'gradient', received: bad, expected: 'a finite number' });
      }
      const rest = f(narrow(at[0], 0, 1, L - 1), at[1], at[2], { mask: narrow(mask, 0, 1, L - 1) }).output;
      expectClose(
        { what: 'other rows', shape: rest.shape },
        narrow(output, 0, 1, L - 1).dataSync(),
        rest.dataSync(),
        close,
      );
    }
  },
};

function bias(keep: readonly boolean[]): Tensor {
  return tensor(
    keep.map((truth) => (truth ? 0.25 : -Infinity)),
    { shape: [L, S], dtype: 'float64' },
  );
}

const leak: Law<Attention, Case> = {
  name: 'A2: what is masked is not read',
  statement:
    'NaN in a key and value changes nothing for those queries that do not attend to it: neither outputs and weights nor gradients.',
  formula: 'mask[·, j] = false ⇒ y(k_j = v_j = NaN) = y',
  subject: scaledDotProductAttentionWithWeights,
  cases,
  mutants: [byLargeNumber, polarity],
  holds(f, example) {
    // The last key is masked for all queries; the others are kept at least by the last query.
    const keep = example.keep.map((truth, n) => n % S < S - 1 && (truth || n >= (L - 1) * S));
    const mask = tensor(keep, { shape: [L, S], dtype: 'bool' });
    const [q, k, v] = inputs(example.seed);
    const spoilt = (x: Tensor): Tensor =>
      tensor(
        x.dataSync().map((n, i) => (i < (S - 1) * D ? n : NaN)),
        { shape: x.shape },
      );
    const run = (...at: Tensor[]) => {
      const { value, pullback } = vjp(
        (...x: Tensor[]) => {
          const { output, weights } = f(x[0], x[1], x[2], { mask });
          return [output, weights];
        },
        ...at,
      );
      return [...value, ...pullback([draw([L, D], example.seed, 3), draw([L, S], example.seed, 4)])];
    };
    const clean = run(q, k, v);
    run(q, spoilt(k), spoilt(v)).forEach((t, i) => {
      const what = ['output', 'weights', 'gradient of query', 'gradient of key', 'gradient of value'][i];
      expectSame({ what, shape: t.shape, source: 'without NaN' }, t.dataSync(), clean[i].dataSync());
    });
  },
};

const shares: Law<Attention, Case> = {
  name: 'the weights of a query are shares of one',
  statement: 'They lie between 0 and 1, add up to 1, and are 0 where the mask says so.',
  formula: 'Σⱼ wᵢⱼ = 1, wᵢⱼ ≥ 0, mask[i, j] = false ⇒ wᵢⱼ = 0',
  subject: scaledDotProductAttentionWithWeights,
  cases,
  mutants: [
    {
      name: 'normalised before they are masked',
      plant:
        () =>
        (q, k, v, { mask = null } = {}) => {
          const all = softmax(matmul(q, transpose(k)));
          const weights = mask === null ? all : where(mask, all, 0);
          return { output: matmul(weights, v), weights };
        },
    },
    polarity,
  ],
  holds(f, example) {
    const [q, k, v] = inputs(example.seed);
    const keep = example.keep.map((truth, n) => truth || n % S === n % L);
    const { weights } = f(q, k, v, { mask: tensor(keep, { shape: [L, S], dtype: 'bool' }) });
    const data = Array.from(weights.dataSync());
    data.forEach((w, n) => {
      if (!(w >= 0 && w <= 1 && (keep[n] || w === 0)))
        throw new Violation({ what: `weight ${n}`, received: w, expected: keep[n] ? 'from 0 to 1' : 0 });
    });
    const sums = Array.from({ length: L }, (_, i) => data.slice(i * S, (i + 1) * S).reduce((a, b) => a + b, 0));
    expectClose(
      { what: 'sums of rows', shape: [L] },
      sums,
      sums.map((_, i) => (keep.slice(i * S, (i + 1) * S).includes(true) ? 1 : 0)),
      close,
    );
  },
};

const fade: Tensor = tensor([1, 0.9, 0.8, 0.7], { shape: [S, 1], dtype: 'float64' });

const permutation: Law<Attention, Case> = {
  name: 'places do not matter',
  statement:
    'Keys and values in another order, with the mask, change nothing; queries in another order give their outputs in that order.',
  formula: 'attend(Pq, Rk, Rv; P mask Rᵀ) = P attend(q, k, v; mask)',
  subject: scaledDotProductAttentionWithWeights,
  cases,
  mutants: [
    { name: 'keys further back count for less', plant: (f) => (q, k, v, options) => f(q, mul(k, fade), v, options) },
    {
      name: 'queries see the keys behind them only',
      plant: (f) => (q, k, v, options) => f(q, k, v, { ...options, causal: true }),
    },
  ],
  holds(f, example) {
    const [q, k, v] = inputs(example.seed);
    const [P, R] = [[1, 2, 0], example.seed % 2 ? [3, 1, 0, 2] : [2, 3, 1, 0]];
    const mask = maskOf(example);
    const y = indexSelect(f(q, k, v, { mask }).output, 0, P);
    const moved = f(indexSelect(q, 0, P), indexSelect(k, 0, R), indexSelect(v, 0, R), {
      mask: indexSelect(indexSelect(mask, 0, P), 1, R),
    }).output;
    expectClose({ what: 'output', shape: y.shape, source: 'in the old order' }, moved.dataSync(), y.dataSync(), close);
  },
};

const prefix: Law<Attention, Case> = {
  name: 'A3: under a causal mask what follows does not matter',
  statement:
    'The output of query i is that of the keys up to i alone; counted from the end, those up to i + S − L. The first query, counted from the start, gives the first value.',
  formula: 'causal(q, k, v)ᵢ = attend(qᵢ, k₀…ᵢ, v₀…ᵢ)',
  subject: scaledDotProductAttentionWithWeights,
  cases,
  mutants: [
    {
      name: 'the other alignment',
      plant:
        (f) =>
        (q, k, v, { causal, ...rest } = {}) =>
          f(
            q,
            k,
            v,
            causal === undefined ? rest : { ...rest, causal: causal === 'bottom-right' ? true : 'bottom-right' },
          ),
    },
    {
      name: 'no query sees the key at its own place',
      plant:
        (f) =>
        (q, k, v, { causal } = {}) =>
          f(
            q,
            k,
            v,
            causal === undefined ? {} : { mask: tril(ones([L, S], 'bool'), causal === true ? -1 : S - L - 1) },
          ),
    },
    { name: 'nothing is masked', plant: (f) => (q, k, v) => f(q, k, v) },
  ],
  holds(f, { seed }) {
    const [q, k, v] = inputs(seed);
    for (const causal of [true, 'bottom-right'] as const) {
      const { output } = f(q, k, v, { causal });
      for (let i = 0; i < L; i++) {
        const count = (causal === true ? i : i + S - L) + 1;
        const alone = f(narrow(q, 0, i, 1), narrow(k, 0, 0, count), narrow(v, 0, 0, count)).output;
        const about = { what: `output ${i} with causal ${causal}`, shape: alone.shape, source: `${count} keys alone` };
        expectClose(about, narrow(output, 0, i, 1).dataSync(), alone.dataSync(), close);
      }
    }
  },
};

export const familyLaws: Laws = {
  subject: 'attention',
  laws: [unattended, leak, shares, permutation, prefix],
};
