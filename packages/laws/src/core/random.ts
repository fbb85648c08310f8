import { fillBernoulli, fillBits, fillNormal, fillUniform, foldIn, split, type Key } from '@lemmata/random';
import * as t from '@lemmata/tensor';
import { floats, ints, type NdArray } from '../sample.js';
import { integers } from '../values.js';
import { erf } from './series.js';
import { core, type CoreOp } from './entry.js';

const keyInput = ints([2], integers(-1000, 1000));
const wordsOf = ({ data }: NdArray): Key => [data[0], data[1]];
const invalid = (attrs: any) => [
  { attrs, inputs: [ints([3])], throws: /a key is a tensor int32\[2\]/ },
  { attrs, inputs: [floats([2])], throws: /a key is a tensor int32\[2\]/ },
];

function draw(op: t.OpDef<any>, attrs: any, fill: (out: any, key: Key) => void, array: () => t.TypedArray): CoreOp {
  return core(op, {
    samples: [{ attrs: { shape: [2, 3], ...attrs }, inputs: [keyInput] }],
    invalid: invalid({ shape: [2, 3], ...attrs }),
    oracle: ({ shape }, key) => {
      const data = array();
      fill(data, wordsOf(key));
      return { shape, data };
    },
  });
}

const normalBelow = (x: number): number => (1 + erf(x / Math.sqrt(2))) / 2;

/** Where the normal distribution function is p, by Newton's method from the middle. */
function quantile(p: number): number {
  let x = 0;
  for (let i = 0; i < 12; i++) x -= (normalBelow(x) - p) * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2);
  return x;
}

const six = (): t.TypedArray => new Float64Array(6);

export const randomOps: readonly CoreOp[] = [
  core(t.SplitKey, {
    samples: [{ attrs: { count: 3 }, inputs: [keyInput] }],
    invalid: invalid({ count: 3 }),
    oracle: ({ count }, key) => split(wordsOf(key), count).map((words) => ({ shape: [2], data: words })),
  }),
  core(t.FoldIn, {
    samples: [
      { attrs: { data: 5 }, inputs: [keyInput] },
      { attrs: {}, inputs: [keyInput, ints([])] },
    ],
    invalid: [
      ...invalid({ data: 5 }),
      { attrs: {}, inputs: [keyInput, ints([2])], throws: /a number or a tensor int32/ },
    ],
    oracle: ({ data }, key, counter) => ({ shape: [2], data: foldIn(wordsOf(key), data ?? counter.data[0]) }),
  }),
  draw(t.RandomBits, {}, fillBits, () => new Int32Array(6)),
  draw(t.RandomUniform, { low: -1, high: 2, dtype: 'float64' }, (out, key) => fillUniform(out, key, -1, 2), six),
  draw(t.RandomNormal, { mean: 1, std: 2, dtype: 'float64' }, (out, key) => fillNormal(out, key, 1, 2), six),
  draw(
    t.Bernoulli,
    { p: 0.4 },
    (out, key) => fillBernoulli(out, key, 0.4),
    () => new Uint8Array(6),
  ),
  core(t.TruncatedNormal, {
    samples: [{ attrs: { shape: [2, 3], mean: 1, std: 2, low: -0.5, high: 3, dtype: 'float64' }, inputs: [keyInput] }],
    invalid: invalid({ shape: [2, 3], mean: 1, std: 2, low: -0.5, high: 3, dtype: 'float64' }),
    oracle: ({ shape, mean, std, low, high }, key) => {
      const data = new Float64Array(6);
      fillUniform(data, wordsOf(key), normalBelow(low), normalBelow(high));
      return { shape, data: data.map((p) => mean + std * quantile(p)) };
    },
  }),
];
