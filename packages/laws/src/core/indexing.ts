import * as t from '@lemmata/tensor';
import { floats, ints } from '../sample.js';
import { exactly, integers } from '../values.js';
import { core, type CoreOp } from './entry.js';
import { accumulate, at, build, indices } from './nd.js';

const gathers = [
  { axis: 0, shape: [3, 2], index: [4, 2] },
  { axis: 1, shape: [2, 3], index: [1, 2] },
  { axis: 1, shape: [2, 3, 2], index: [2, 2, 1] },
];
const selections = [
  { axis: 0, shape: [3, 2], index: [4] },
  { axis: 1, shape: [2, 3], index: [2, 2] },
  { axis: 0, shape: [3], index: [] },
];

export const indexingOps: readonly CoreOp[] = [
  core(t.Gather, {
    samples: gathers.map(({ axis, shape, index }) => ({
      attrs: { axis },
      inputs: [floats(shape), ints(index, integers(0, shape[axis] - 1))],
    })),
    invalid: [
      { attrs: { axis: 0 }, inputs: [floats([3, 2]), ints([3])], throws: /index has 1 axes/ },
      { attrs: { axis: 0 }, inputs: [floats([3, 2]), ints([3, 3])], throws: /longer than the tensor/ },
    ],
    oracle: ({ axis }, x, index) => build(index.shape, (i) => at(x, i.with(axis, at(index, i)))),
  }),
  core(t.ScatterAdd, {
    samples: gathers.map(({ axis, shape, index }) => ({
      attrs: { axis, shape },
      inputs: [floats(index), ints(index, integers(0, shape[axis] - 1))],
    })),
    invalid: [{ attrs: { axis: 0, shape: [3, 2] }, inputs: [floats([3]), ints([3])], throws: /index has 1 axes/ }],
    oracle: ({ axis, shape }, x, index) =>
      accumulate(
        shape,
        indices(index.shape).map((i) => [i.with(axis, at(index, i)), at(x, i)] as const),
      ),
  }),
  core(t.LastToWrite, {
    samples: gathers.map(({ axis, shape, index }) => ({
      attrs: { axis, shape },
      inputs: [ints(index, integers(0, shape[axis] - 1))],
    })),
    invalid: [{ attrs: { axis: 0, shape: [3, 2] }, inputs: [ints([3])], throws: /index has 1 axes/ }],
    oracle: ({ axis, shape }, index) =>
      build(shape, (i) => indices(index.shape).findLastIndex((k) => k.with(axis, at(index, k)).join() === i.join())),
  }),
  core(t.IndexSelect, {
    samples: selections.map(({ axis, shape, index }) => ({
      attrs: { axis },
      inputs: [floats(shape), ints(index, integers(0, shape[axis] - 1))],
    })),
    invalid: [],
    oracle: ({ axis }, x, index) =>
      build([...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)], (out) => {
        const place = at(index, out.slice(axis, axis + index.shape.length));
        return at(x, [...out.slice(0, axis), place, ...out.slice(axis + index.shape.length)]);
      }),
  }),
  core(t.IndexAdd, {
    samples: selections.map(({ axis, shape, index }) => ({
      attrs: { axis, size: shape[axis] },
      inputs: [
        floats([...shape.slice(0, axis), ...index, ...shape.slice(axis + 1)]),
        ints(index, integers(0, shape[axis] - 1)),
      ],
    })),
    invalid: [{ attrs: { axis: 0, size: 3 }, inputs: [floats([3]), ints([2])], throws: /axes of the indices/ }],
    oracle: ({ axis, size }, x, index) =>
      accumulate(
        [...x.shape.slice(0, axis), size, ...x.shape.slice(axis + index.shape.length)],
        indices(x.shape).map((i) => {
          const place = at(index, i.slice(axis, axis + index.shape.length));
          return [[...i.slice(0, axis), place, ...i.slice(axis + index.shape.length)], at(x, i)] as const;
        }),
      ),
  }),
  core(t.OneHot, {
    samples: (['float32', 'int32', 'bool'] as const).flatMap((dtype) =>
      [integers(0, 2), exactly(2, 0, 1, 2)].map((values) => ({
        attrs: { size: 3, dtype },
        inputs: [ints([2, 2], values)],
      })),
    ),
    invalid: [],
    oracle: ({ size }, x) => build([...x.shape, size], (index) => (at(x, index.slice(0, -1)) === index.at(-1) ? 1 : 0)),
  }),
];
