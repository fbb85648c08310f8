import * as t from '@lemmata/tensor';
import { floats, ints, truths } from '../sample.js';
import { core, type CoreOp } from './entry.js';
import { accumulate, at, build, indices } from './nd.js';

const diagonals = [
  { offset: 0, axes: [0, 1] as const, shape: [3, 3] },
  { offset: 1, axes: [0, 1] as const, shape: [3, 4] },
  { offset: -1, axes: [1, 0] as const, shape: [3, 2] },
  { offset: 0, axes: [0, 2] as const, shape: [2, 3, 2] },
];
/** The indices of a diagonal, in order. */
const onDiagonal = (
  { offset, axes: [r, c] }: { offset: number; axes: readonly [number, number] },
  shape: readonly number[],
): number[][] => indices(shape).filter((index) => index[c] - index[r] === offset);

const slices = [
  { starts: [1, 0], steps: [1, 1], sizes: [2, 3], shape: [3, 3] },
  { starts: [2, 1], steps: [-1, 2], sizes: [3, 2], shape: [3, 4] },
  { starts: [0, 3], steps: [1, -3], sizes: [0, 2], shape: [2, 4] },
];

/** Widths of one axis and more, negative ones among them; no elements, one, many. */
const extensions = (['reflect', 'replicate', 'circular'] as const).flatMap((border) => [
  { border, before: [2], after: [1], shape: [3] },
  { border, before: [1, 0], after: [0, 2], shape: [2, 3] },
  { border, before: [0, 1, 2], after: [0, 1, -1], shape: [2, 2, 4] },
  { border, before: [0, -1], after: [0, 1], shape: [0, 3] },
]);
/** By the definition, one step at a time: which element of an axis lies at j of the extended one. */
const sourceOf = (border: string, size: number, before: number, after: number, j: number): number => {
  let i = j - before;
  if (border === 'replicate') {
    while (i < 0) i++;
    while (i >= size) i--;
  } else if (border === 'reflect') {
    while (i < 0 || i >= size) i = i < 0 ? -i : 2 * size - 2 - i;
  } else {
    const [first, end] = [Math.max(0, -before), size + Math.min(0, after)];
    while (i < first) i += end - first;
    while (i >= end) i -= end - first;
  }
  return i;
};

export const movementOps: readonly CoreOp[] = [
  core(t.Reshape, {
    samples: [
      { attrs: { shape: [3, 2] }, inputs: [floats([2, 3])] },
      { attrs: { shape: [2, 1, 4] }, inputs: [floats([2, 2, 2])] },
      { attrs: { shape: [] }, inputs: [floats([1])] },
      { attrs: { shape: [3, 0] }, inputs: [floats([0, 2])] },
      { attrs: { shape: [6] }, inputs: [ints([3, 2])] },
    ],
    invalid: [{ attrs: { shape: [7] }, inputs: [floats([2, 3])], throws: /7 elements/ }],
    oracle: ({ shape }, x) => ({ shape, data: x.data }),
  }),
  core(t.BroadcastTo, {
    samples: [
      { attrs: { shape: [4, 3] }, inputs: [floats([3])] },
      { attrs: { shape: [2, 4, 3] }, inputs: [floats([4, 1])] },
      { attrs: { shape: [2, 3] }, inputs: [floats([])] },
      { attrs: { shape: [2, 3] }, inputs: [truths([1, 3])] },
    ],
    invalid: [
      { attrs: { shape: [4] }, inputs: [floats([3])], throws: /3 and 4/ },
      { attrs: { shape: [1] }, inputs: [floats([3])], throws: /broadcasts? to the shape asked for/ },
    ],
    oracle: ({ shape }, x) =>
      build(shape, (index) =>
        at(
          x,
          x.shape.map((n, axis) => (n === 1 ? 0 : index[axis + shape.length - x.shape.length])),
        ),
      ),
  }),
  core(t.Permute, {
    samples: [
      { attrs: { axes: [1, 0] }, inputs: [floats([2, 3])] },
      { attrs: { axes: [2, 0, 1] }, inputs: [floats([2, 3, 2])] },
      { attrs: { axes: [1, 0] }, inputs: [ints([2, 3])] },
    ],
    invalid: [{ attrs: { axes: [0, 0] }, inputs: [floats([2, 3])], throws: /named once/ }],
    oracle: ({ axes }, x) =>
      build(
        axes.map((axis) => x.shape[axis]),
        (index) =>
          at(
            x,
            x.shape.map((_, axis) => index[axes.indexOf(axis)]),
          ),
      ),
  }),
  core(t.Slice, {
    samples: slices.map(({ shape, ...attrs }) => ({ attrs, inputs: [floats(shape)] })),
    invalid: [
      { attrs: { starts: [1], steps: [1], sizes: [3] }, inputs: [floats([3])], throws: /inside an axis of 3/ },
      { attrs: { starts: [0], steps: [1], sizes: [1] }, inputs: [floats([3, 2])], throws: /each of the 2 axes/ },
    ],
    oracle: ({ starts, steps, sizes }, x) =>
      build(sizes, (index) =>
        at(
          x,
          index.map((i, axis) => starts[axis] + i * steps[axis]),
        ),
      ),
  }),
  core(t.Split, {
    samples: [
      { attrs: { axis: 0, sizes: [1, 1, 1] }, inputs: [floats([3, 2])] },
      { attrs: { axis: 1, sizes: [3, 1] }, inputs: [floats([2, 4, 2])] },
      { attrs: { axis: 2, sizes: [0, 3] }, inputs: [floats([1, 2, 3])] },
      { attrs: { axis: 1, sizes: [2, 2] }, inputs: [floats([0, 4])] },
      { attrs: { axis: 0, sizes: [1, 2] }, inputs: [truths([3])] },
    ],
    invalid: [
      { attrs: { axis: 0, sizes: [1, 1] }, inputs: [floats([3])], throws: /add up to 3 \(axis 0, received \[1, 1\]\)/ },
      { attrs: { axis: 0, sizes: [4, -1] }, inputs: [floats([3])], throws: /non-negative integers/ },
    ],
    oracle: ({ axis, sizes }, x) =>
      sizes.map((n, piece) => {
        const start = sizes.slice(0, piece).reduce((a, b) => a + b, 0);
        return build(
          x.shape.map((size, a) => (a === axis ? n : size)),
          (index) =>
            at(
              x,
              index.map((i, a) => (a === axis ? start + i : i)),
            ),
        );
      }),
  }),
  core(t.Embed, {
    samples: slices.map(({ shape, sizes, ...attrs }) => ({ attrs: { ...attrs, shape }, inputs: [floats(sizes)] })),
    invalid: [{ attrs: { shape: [3], starts: [1], steps: [1] }, inputs: [floats([3])], throws: /inside an axis of 3/ }],
    oracle: ({ shape, starts, steps }, x) =>
      accumulate(
        shape,
        indices(x.shape).map(
          (index) => [index.map((i, axis) => starts[axis] + i * steps[axis]), at(x, index)] as const,
        ),
      ),
  }),
  core(t.Pad, {
    samples: [
      { attrs: { before: [1, 0], after: [0, 2], value: 1.5 }, inputs: [floats([2, 3])] },
      { attrs: { before: [2], after: [1], value: -100 }, inputs: [floats([2])] },
      { attrs: { before: [1], after: [1], value: 7 }, inputs: [ints([3])] },
    ],
    invalid: [{ attrs: { before: [-1], after: [0], value: 0 }, inputs: [floats([3])], throws: /non-negative/ }],
    oracle: ({ before, after, value }, x) =>
      build(
        x.shape.map((n, axis) => before[axis] + n + after[axis]),
        (index) => {
          const from = index.map((i, axis) => i - before[axis]);
          return from.every((i, axis) => i >= 0 && i < x.shape[axis]) ? at(x, from) : value;
        },
      ),
  }),
  core(t.Extend, {
    samples: extensions.map(({ shape, ...attrs }, i) => ({
      attrs,
      inputs: [i % 4 === 3 ? ints(shape) : floats(shape)],
    })),
    invalid: [
      { attrs: { border: 'reflect', before: [3], after: [0] }, inputs: [floats([3])], throws: /below the 3 elements/ },
      { attrs: { border: 'circular', before: [0], after: [4] }, inputs: [floats([3])], throws: /at most the 3/ },
      { attrs: { border: 'replicate', before: [-3], after: [0] }, inputs: [floats([3])], throws: /leaves nothing/ },
      { attrs: { border: 'reflect', before: [1], after: [1] }, inputs: [floats([2, 2])], throws: /each of the 2 axes/ },
    ],
    oracle: ({ border, before, after }, x) =>
      build(
        x.shape.map((n, axis) => before[axis] + n + after[axis]),
        (index) =>
          at(
            x,
            index.map((j, axis) => sourceOf(border, x.shape[axis], before[axis], after[axis], j)),
          ),
      ),
  }),
  core(t.ExtendAdjoint, {
    samples: extensions.map((attrs) => ({
      attrs,
      inputs: [floats(attrs.shape.map((n, axis) => attrs.before[axis] + n + attrs.after[axis]))],
    })),
    invalid: [
      {
        attrs: { border: 'reflect', before: [1], after: [1], shape: [3] },
        inputs: [floats([4])],
        throws: /shape of the extended x.*received \[4\], expected \[5\]/,
      },
    ],
    oracle: ({ border, before, after, shape }, y) =>
      accumulate(
        shape,
        indices(y.shape).map(
          (index) =>
            [
              index.map((j, axis) => sourceOf(border, shape[axis], before[axis], after[axis], j)),
              at(y, index),
            ] as const,
        ),
      ),
  }),
  core(t.Concat, {
    samples: [
      { attrs: { axis: 0 }, inputs: [floats([1, 3]), floats([2, 3])] },
      { attrs: { axis: 1 }, inputs: [floats([2, 1]), floats([2, 3]), floats([2, 2])] },
      { attrs: { axis: 0 }, inputs: [ints([2]), ints([0]), ints([1])] },
    ],
    invalid: [
      { attrs: { axis: 0 }, inputs: [floats([2, 3]), floats([2, 2])], throws: /another axis than the one joined/ },
    ],
    oracle: ({ axis }, ...xs) =>
      build(
        xs[0].shape.with(
          axis,
          xs.reduce((sum, x) => sum + x.shape[axis], 0),
        ),
        (index) => {
          let i = index[axis];
          const x = xs.find(({ shape }) => i < shape[axis] || ((i -= shape[axis]), false))!;
          return at(x, index.with(axis, i));
        },
      ),
  }),
  core(t.Diagonal, {
    samples: diagonals.map(({ shape, ...attrs }) => ({ attrs, inputs: [floats(shape)] })),
    invalid: [],
    oracle: (attrs, x) => {
      const [r, c] = attrs.axes;
      const kept = x.shape.filter((_, axis) => axis !== r && axis !== c);
      const places = onDiagonal(attrs, x.shape);
      const length = new Set(places.map((index) => index[r])).size;
      return build([...kept, length], (out) => {
        const matching = places.filter((index) =>
          index.filter((_, axis) => axis !== r && axis !== c).every((i, axis) => i === out[axis]),
        );
        return at(x, matching.sort((p, q) => p[r] - q[r])[out.at(-1)!]);
      });
    },
  }),
  core(t.DiagonalEmbed, {
    samples: diagonals.slice(0, 3).map(({ shape, ...attrs }) => ({
      attrs: { ...attrs, shape },
      inputs: [floats([onDiagonal(attrs, shape).length])],
    })),
    invalid: [
      { attrs: { offset: 0, axes: [0, 1], shape: [3, 3] }, inputs: [floats([2])], throws: /shape of the diagonal/ },
    ],
    oracle: (attrs, x) => {
      const places = onDiagonal(attrs, attrs.shape).sort((p, q) => p[attrs.axes[0]] - q[attrs.axes[0]]);
      return accumulate(
        attrs.shape,
        places.map((index, i) => [index, x.data[i]] as const),
      );
    },
  }),
  core(t.Triangle, {
    samples: (['lower', 'upper'] as const).flatMap((part) =>
      [0, 1, -1].map((diagonal) => ({
        attrs: { part, diagonal },
        inputs: [floats(diagonal === 0 ? [2, 3, 3] : [2, 3])],
      })),
    ),
    invalid: [{ attrs: { part: 'lower', diagonal: 0 }, inputs: [floats([3])], throws: /at least 2 axes/ }],
    oracle: ({ part, diagonal }, x) =>
      build(x.shape, (index) => {
        const [row, column] = index.slice(-2);
        return (part === 'lower' ? column <= row + diagonal : column >= row + diagonal) ? at(x, index) : 0;
      }),
  }),
  core(t.StopGradient, {
    samples: [
      { attrs: {}, inputs: [floats([2, 3])] },
      { attrs: {}, inputs: [ints([3])] },
    ],
    invalid: [],
    oracle: (_attrs, x) => x,
    known: [{ law: 'vjp is the derivative', reason: 'to have no gradient is what it is for' }],
  }),
  core(t.Matmul, {
    samples: [
      { attrs: {}, inputs: [floats([2, 3]), floats([3, 4])] },
      { attrs: {}, inputs: [floats([2, 2, 3]), floats([2, 3, 2])] },
      { attrs: {}, inputs: [floats([1, 4]), floats([4, 1])] },
      { attrs: {}, inputs: [floats([2, 0]), floats([0, 3])] },
      { attrs: {}, inputs: [ints([2, 3]), ints([3, 2])] },
    ],
    invalid: [
      { attrs: {}, inputs: [floats([2, 3]), floats([2, 3])], throws: /has 3 elements/ },
      { attrs: {}, inputs: [floats([3]), floats([3, 2])], throws: /at least 2 axes/ },
      { attrs: {}, inputs: [floats([2, 2]), ints([2, 2])], throws: /one dtype/ },
    ],
    oracle: (_attrs, a, b) => {
      const batch = a.shape.slice(0, -2);
      const [m, k] = a.shape.slice(-2);
      return build([...batch, m, b.shape.at(-1)!], (index) => {
        const [i, j] = index.slice(-2);
        const lead = index.slice(0, -2);
        return Array.from({ length: k }, (_, l) => at(a, [...lead, i, l]) * at(b, [...lead, l, j])).reduce(
          (sum, v) => sum + v,
          0,
        );
      });
    },
  }),
];
