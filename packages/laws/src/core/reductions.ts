import * as t from '@lemmata/tensor';
import { floats, ints, truths } from '../sample.js';
import { distinct, integers, oneOf, uniform } from '../values.js';
import { core, type CoreOp } from './entry.js';
import { alongAxis, at, build, reduce } from './nd.js';

const total = (row: readonly number[]): number => row.reduce((sum, v) => sum + v, 0);
const product = (row: readonly number[]): number => row.reduce((p, v) => p * v, 1);

/** Axes for every way in which a reduction can lie in memory: inner, outer, middle, several, all. */
const axesLists = [[1], [0], [0, 1]]
  .map((axes) => ({ attrs: { axes }, shape: [2, 3] }))
  .concat([
    { attrs: { axes: [1] }, shape: [2, 3, 2] },
    { attrs: { axes: [0, 2] }, shape: [2, 3, 2] },
  ]);
const axisList = [
  { attrs: { axis: 0 }, shape: [3, 2] },
  { attrs: { axis: 1 }, shape: [2, 3] },
  { attrs: { axis: 1 }, shape: [2, 2, 2] },
];

const extremum = (op: t.OpDef<{ readonly axes: readonly number[] }>, pick: (row: number[]) => number): CoreOp =>
  core(op, {
    samples: axesLists.map(({ attrs, shape }) => ({ attrs, inputs: [floats(shape, distinct())] })),
    invalid: [{ attrs: { axes: [0] }, inputs: [floats([0, 2])], throws: new RegExp(op.name) }],
    oracle: ({ axes }, x) => reduce(x, axes, pick),
  });

const argument = (op: t.OpDef<{ readonly axis: number }>, beats: (a: number, b: number) => boolean): CoreOp =>
  core(op, {
    samples: axisList.flatMap(({ attrs, shape }) => [
      { attrs, inputs: [floats(shape, distinct())] },
      { attrs, inputs: [ints(shape, integers(-1, 1))] },
    ]),
    invalid: [{ attrs: { axis: 0 }, inputs: [floats([0, 2])], throws: new RegExp(op.name) }],
    oracle: ({ axis }, x) => reduce(x, [axis], (row) => row.findIndex((v) => row.every((w) => !beats(w, v)))),
  });

const scans = [false, true].flatMap((reverse) =>
  axisList.map(({ attrs, shape }) => ({ attrs: { ...attrs, reverse }, shape })),
);
/** Every prefix of a lane reduced; of the reversed lane if asked. */
const scanOf =
  (reverse: boolean, f: (prefix: number[]) => number) =>
  (lane: number[]): number[] => {
    const ordered = reverse ? [...lane].reverse() : lane;
    const out = ordered.map((_, i) => f(ordered.slice(0, i + 1)));
    return reverse ? out.reverse() : out;
  };

const softmaxOf = (lane: number[]): number[] => {
  const powers = lane.map((v) => Math.E ** v);
  return powers.map((p) => p / total(powers));
};

export const reductionOps: readonly CoreOp[] = [
  core(t.Sum, {
    samples: [
      ...axesLists.map(({ attrs, shape }) => ({ attrs, inputs: [floats(shape)] })),
      { attrs: { axes: [0] }, inputs: [floats([0, 2])] },
      { attrs: { axes: [1] }, inputs: [ints([2, 3])] },
      { attrs: { axes: [1] }, inputs: [truths([2, 3])] },
    ],
    invalid: [],
    oracle: ({ axes }, x) => reduce(x, axes, total),
  }),
  core(t.Prod, {
    samples: [
      ...axisList.map(({ attrs, shape }) => ({ attrs, inputs: [floats(shape, uniform())] })),
      { attrs: { axis: 1 }, inputs: [floats([2, 3], integers(-1, 1))] },
      { attrs: { axis: 0 }, inputs: [ints([3, 2])] },
    ],
    invalid: [],
    oracle: ({ axis }, x) => reduce(x, [axis], product),
  }),
  core(t.AllFinite, {
    samples: [
      { attrs: {}, inputs: [floats([2, 3], oneOf(NaN, 1, -Infinity, Infinity, 0)), floats([])] },
      { attrs: {}, inputs: [floats([0]), ints([3]), floats([2, 2])] },
      { attrs: {}, inputs: [floats([2, 3], oneOf(0, 1, 2, 3, 4, 5, 6, NaN))] },
      { attrs: {}, inputs: [floats([5], oneOf(1, 2 ** 100, -(2 ** -140), 0)), floats([2, 2], oneOf(0, Infinity))] },
    ],
    invalid: [],
    oracle: (_, ...inputs) => ({
      shape: [],
      data: [Number(inputs.every(({ data }) => Array.from(data).every((v) => v - v === 0)))],
    }),
    sameCompiled:
      'with its inputs reversed it gives what it gave, so that the law would notice nothing; every step of training is compiled with it',
  }),
  extremum(t.Amax, (row) => [...row].sort((a, b) => b - a)[0]),
  extremum(t.Amin, (row) => [...row].sort((a, b) => a - b)[0]),
  argument(t.Argmax, (a, b) => a > b),
  argument(t.Argmin, (a, b) => a < b),
  core(t.Argsort, {
    samples: [false, true].flatMap((descending) =>
      axisList.flatMap(({ attrs, shape }) => [
        { attrs: { ...attrs, descending }, inputs: [floats(shape, distinct())] },
        { attrs: { ...attrs, descending }, inputs: [ints(shape, integers(-1, 1))] },
      ]),
    ),
    invalid: [],
    // The element that so many others precede.
    oracle: ({ axis, descending }, x) =>
      alongAxis(x, axis, (lane) => {
        const before = (i: number, j: number): boolean =>
          lane[i] === lane[j] ? i < j : lane[i] < lane[j] !== descending;
        const rank = lane.map((_, i) => lane.filter((_v, j) => j !== i && before(j, i)).length);
        return lane.map((_, place) => rank.indexOf(place));
      }),
  }),
  core(t.LogSumExp, {
    samples: axisList.map(({ attrs, shape }) => ({ attrs, inputs: [floats(shape)] })),
    invalid: [],
    oracle: ({ axis }, x) => reduce(x, [axis], (row) => Math.log(total(row.map((v) => Math.E ** v)))),
  }),
  core(t.PowerNorm, {
    samples: [1, 2, 3, 1.5].flatMap((p) =>
      axesLists.slice(0, 4).map(({ attrs, shape }) => ({
        attrs: { ...attrs, p },
        inputs: [floats(shape, uniform(-2, 2, { avoid: [0] }))],
      })),
    ),
    invalid: [],
    oracle: ({ axes, p }, x) =>
      reduce(x, axes, (row) => Math.exp(Math.log(total(row.map((v) => Math.exp(p * Math.log(Math.abs(v)))))) / p)),
  }),
  core(t.Softmax, {
    samples: axisList.map(({ attrs, shape }) => ({ attrs, inputs: [floats(shape)] })),
    invalid: [],
    oracle: ({ axis }, x) => alongAxis(x, axis, softmaxOf),
  }),
  core(t.LogSoftmax, {
    samples: axisList.map(({ attrs, shape }) => ({ attrs, inputs: [floats(shape)] })),
    invalid: [],
    oracle: ({ axis }, x) => alongAxis(x, axis, (lane) => softmaxOf(lane).map(Math.log)),
  }),
  core(t.CumSum, {
    samples: scans.map(({ attrs, shape }) => ({ attrs, inputs: [floats(shape)] })),
    invalid: [],
    oracle: ({ axis, reverse }, x) => alongAxis(x, axis, scanOf(reverse, total)),
  }),
  core(t.CumProd, {
    samples: [
      ...scans.map(({ attrs, shape }) => ({ attrs, inputs: [floats(shape)] })),
      { attrs: { axis: 1, reverse: false }, inputs: [floats([2, 3], integers(-1, 1))] },
      { attrs: { axis: 1, reverse: true }, inputs: [ints([2, 3])] },
    ],
    invalid: [],
    oracle: ({ axis, reverse }, x) => alongAxis(x, axis, scanOf(reverse, product)),
  }),
  core(t.LinearRecurrence, {
    samples: scans.map(({ attrs, shape }) => ({ attrs, inputs: [floats(shape), floats(shape)] })),
    invalid: [
      { attrs: { axis: 0, reverse: false }, inputs: [floats([2]), floats([3])], throws: /one shape and dtype/ },
    ],
    // Unrolled: Σ over k of b at k times the a between k and here.
    oracle: ({ axis, reverse }, a, b) =>
      build(b.shape, (index) => {
        const here = index[axis];
        let sum = 0;
        for (let k = 0; k < b.shape[axis]; k++) {
          if (reverse ? k < here : k > here) continue;
          let factor = 1;
          for (let j = Math.min(here, k); j <= Math.max(here, k); j++)
            if (j !== k) factor *= at(a, index.with(axis, j));
          sum += factor * at(b, index.with(axis, k));
        }
        return sum;
      }),
  }),
];
