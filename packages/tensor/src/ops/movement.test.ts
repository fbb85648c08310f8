import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradientError, pullBack } from '../../test/gradient.js';
import {
  everyIndex,
  integer,
  randomFrom,
  randomView,
  reader,
  shuffled,
  valuesOf,
  type Random,
} from '../../test/values.js';
import { Abstract } from '../abstract.js';
import { tensor, zeros } from '../create.js';
import { eagerValue } from '../eager.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { DType } from '../spec.js';
import type { Tensor } from '../tensor.js';
import {
  broadcastTo,
  chunk,
  concat,
  diagonal,
  flatten,
  flip,
  moveAxis,
  narrow,
  pad,
  permute,
  repeatInterleave,
  reshape,
  roll,
  select,
  slice,
  Split,
  split,
  squeeze,
  stack,
  sumTo,
  tile,
  trace,
  transpose,
  tril,
  triu,
  unsqueeze,
  unstack,
} from './index.js';

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });
const dtypes = fc.constantFrom<DType>('float64', 'float32', 'int32', 'bool');
const mod = (a: number, n: number): number => ((a % n) + n) % n;
const rowMajor = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((p, i, axis) => p * shape[axis] + i, 0);
const sharesMemory = (a: Tensor, b: Tensor): boolean => eagerValue(a).storage === eagerValue(b).storage;

/** One way to move elements: a result, its shape, and for each of its indices the one of `x` that it shows, or a constant. */
interface Move {
  readonly f: (x: Tensor) => Tensor;
  readonly shape: readonly number[];
  readonly from: (index: number[]) => number[] | number;
  readonly view?: boolean;
}

const moves: Record<string, (shape: number[], random: Random) => Move> = {
  permute(shape, random) {
    const axes = shuffled(random, shape.length);
    return {
      f: (x) =>
        permute(
          x,
          axes.map((a, i) => (i % 2 === 0 ? a : a - shape.length)),
        ),
      shape: axes.map((a) => shape[a]),
      from: (index) => shape.map((_, a) => index[axes.indexOf(a)]),
      view: true,
    };
  },
  transpose(shape, random) {
    const [a, b] = [integer(random, 0, shape.length - 1), integer(random, 0, shape.length - 1)];
    const swap = (list: readonly number[]): number[] => list.with(a, list[b]).with(b, list[a]);
    return { f: (x) => transpose(x, a - shape.length, b), shape: swap(shape), from: swap, view: true };
  },
  moveAxis(shape, random) {
    const count = integer(random, 1, shape.length);
    const [from, to] = [shuffled(random, shape.length).slice(0, count), shuffled(random, shape.length).slice(0, count)];
    const rest = shape.map((_, a) => a).filter((a) => !from.includes(a));
    const order = shape.map((_, place) => (to.includes(place) ? from[to.indexOf(place)] : rest.shift()!));
    return {
      f: (x) => moveAxis(x, from, to),
      shape: order.map((a) => shape[a]),
      from: (index) => shape.map((_, a) => index[order.indexOf(a)]),
      view: true,
    };
  },
  reshape(shape, random) {
    const size = shape.reduce((a, b) => a * b, 1);
    const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((d) => size % d === 0);
    const d = divisors.length === 0 ? 0 : divisors[integer(random, 0, divisors.length - 1)];
    const target = size === 0 ? [3, 0] : [1, d, size / d];
    return {
      f: (x) => reshape(x, size === 0 ? target : [1, d, -1]),
      shape: target,
      from: (index) => everyIndex(shape)[rowMajor(index, target)],
    };
  },
  flatten(shape, random) {
    const start = integer(random, 0, shape.length - 1);
    const end = integer(random, start, shape.length - 1);
    const target = [
      ...shape.slice(0, start),
      shape.slice(start, end + 1).reduce((a, b) => a * b, 1),
      ...shape.slice(end + 1),
    ];
    return {
      f: (x) => flatten(x, start, end - shape.length),
      shape: target,
      from: (index) => everyIndex(shape)[rowMajor(index, target)],
    };
  },
  unsqueeze(shape, random) {
    const at = integer(random, 0, shape.length);
    return {
      f: (x) => unsqueeze(x, at - shape.length - 1),
      shape: shape.toSpliced(at, 0, 1),
      from: (index) => index.toSpliced(at, 1),
      view: true,
    };
  },
  squeeze(shape) {
    const kept = shape.map((_, a) => a).filter((a) => shape[a] !== 1);
    return {
      f: (x) => squeeze(x),
      shape: kept.map((a) => shape[a]),
      from: (index) => shape.map((_, a) => (kept.includes(a) ? index[kept.indexOf(a)] : 0)),
      view: true,
    };
  },
  slice(shape, random) {
    const bound = (n: number): number | null => (random() < 0.25 ? null : integer(random, -n - 2, n + 2));
    const ranges = shape
      .slice(0, integer(random, 0, shape.length))
      .map((n): [number | null, number | null, number] => [
        bound(n),
        bound(n),
        integer(random, 1, 3) * (random() < 0.5 ? -1 : 1),
      ]);
    // Python's own account of a range: walk, and keep what lies before the stop.
    const taken = shape.map((n, axis) => {
      const [start, stop, step] = ranges[axis] ?? [null, null, 1];
      const low = step > 0 ? 0 : -1;
      const high = step > 0 ? n : n - 1;
      const place = (b: number): number => (b < 0 ? (b + n < low ? low : b + n) : b > high ? high : b);
      const out: number[] = [];
      const end = stop === null ? (step > 0 ? n : -1) : place(stop);
      for (let i = start === null ? (step > 0 ? 0 : n - 1) : place(start); step > 0 ? i < end : i > end; i += step)
        out.push(i);
      return out;
    });
    const given = ranges.map((r) => (random() < 0.5 ? r : { start: r[0], stop: r[1], step: r[2] }));
    return {
      f: (x) => slice(x, given),
      shape: taken.map((t) => t.length),
      from: (index) => index.map((i, axis) => taken[axis][i]),
      view: true,
    };
  },
  flip(shape, random) {
    const axes = shuffled(random, shape.length).slice(0, integer(random, 0, shape.length));
    return {
      f: (x) => flip(x, axes),
      shape,
      from: (index) => index.map((i, a) => (axes.includes(a) ? shape[a] - 1 - i : i)),
      view: true,
    };
  },
  narrow(shape, random) {
    const axis = integer(random, 0, shape.length - 1);
    const start = integer(random, 0, shape[axis]);
    const length = integer(random, 0, shape[axis] - start);
    return {
      f: (x) => narrow(x, axis, start === 0 ? 0 : start - (start < shape[axis] ? shape[axis] : 0), length),
      shape: shape.with(axis, length),
      from: (index) => index.with(axis, index[axis] + start),
      view: true,
    };
  },
  broadcastTo(shape, random) {
    const target = [integer(random, 0, 2), ...shape.map((n) => (n === 1 ? integer(random, 0, 3) : n))];
    return {
      f: (x) => broadcastTo(x, target),
      shape: target,
      from: (index) => index.slice(1).map((i, a) => (shape[a] === 1 ? 0 : i)),
      view: true,
    };
  },
  pad(shape, random) {
    // Negative ones take elements away, and at most what there is.
    const widths = shape.map((n): [number, number] => [integer(random, n > 0 ? -1 : 0, 2), integer(random, 0, 2)]);
    const value = random() < 0.5 ? 0 : 1;
    return {
      f: (x) => pad(x, widths, value),
      shape: shape.map((n, a) => n + widths[a][0] + widths[a][1]),
      from: (index) => {
        const inside = index.map((i, a) => i - widths[a][0]);
        return inside.every((i, a) => i >= 0 && i < shape[a]) ? inside : value;
      },
    };
  },
  roll(shape, random) {
    const axes = shuffled(random, shape.length).slice(0, integer(random, 1, shape.length));
    const shifts = axes.map(() => integer(random, -5, 5));
    return {
      f: (x) => roll(x, shifts, axes),
      shape,
      from: (index) => axes.reduce((at, a, i) => at.with(a, mod(at[a] - shifts[i], shape[a])), index),
    };
  },
  'roll of all': (shape, random) => {
    const shift = integer(random, -5, 5);
    const all = everyIndex(shape);
    return { f: (x) => roll(x, shift), shape, from: (index) => all[mod(rowMajor(index, shape) - shift, all.length)] };
  },
  tile(shape, random) {
    const repeats = Array.from({ length: integer(random, 0, shape.length + 1) }, () => integer(random, 0, 3));
    const rank = Math.max(shape.length, repeats.length);
    const own = [...Array<number>(rank - shape.length).fill(1), ...shape];
    const times = [...Array<number>(rank - repeats.length).fill(1), ...repeats];
    return {
      f: (x) => tile(x, repeats),
      shape: own.map((n, a) => n * times[a]),
      from: (index) => index.map((i, a) => i % own[a]).slice(rank - shape.length),
    };
  },
  repeatInterleave(shape, random) {
    const axis = integer(random, 0, shape.length - 1);
    const count = integer(random, 0, 3);
    return {
      f: (x) => repeatInterleave(x, count, axis),
      shape: shape.with(axis, shape[axis] * count),
      from: (index) => index.with(axis, Math.floor(index[axis] / count)),
    };
  },
  'tril and triu': (given, random) => {
    const shape = given.length > 1 ? given : [...given, 3];
    const k = integer(random, -3, 3);
    const lower = random() < 0.5;
    return {
      f: (x) => (lower ? tril : triu)(given.length > 1 ? x : broadcastTo(unsqueeze(x, -1), shape), k),
      shape,
      from: (index) => {
        const [i, j] = index.slice(-2);
        return (lower ? j <= i + k : j >= i + k) ? index.slice(0, given.length) : 0;
      },
    };
  },
  diagonal(given, random) {
    const shape = given.length > 1 ? given : [...given, 3];
    const offset = integer(random, -2, 2);
    const [rows, columns] = shuffled(random, shape.length);
    const others = shape.map((_, a) => a).filter((a) => a !== rows && a !== columns);
    let length = 0;
    while (length - Math.min(0, offset) < shape[rows] && length + Math.max(0, offset) < shape[columns]) length++;
    return {
      f: (x) => diagonal(given.length > 1 ? x : broadcastTo(unsqueeze(x, -1), shape), offset, rows, columns),
      shape: [...others.map((a) => shape[a]), length],
      from: (index) => {
        const i = index[index.length - 1];
        const at = shape.map((_, a) => index[others.indexOf(a)]);
        return at
          .with(rows, i - Math.min(0, offset))
          .with(columns, i + Math.max(0, offset))
          .slice(0, given.length);
      },
      view: true,
    };
  },
};

describe('movement against indices, from any strides, zero sizes included', () => {
  test.each(Object.entries(moves))('%s', (_, move) => {
    fc.assert(
      fc.property(shapes, fc.integer(), dtypes, (shape, seed, dtype) => {
        const random = randomFrom(seed);
        const x = randomView(shape, random, dtype);
        const { f, shape: expected, from, view } = move(shape, random);
        const y = f(x);
        const at = reader(x);
        expect([y.shape, y.dtype]).toEqual([[...expected], dtype]);
        expect(valuesOf(y)).toEqual(
          everyIndex(expected)
            .map((index) => from(index))
            .map((source) => (typeof source === 'number' ? source : at(source))),
        );
        if (view) expect(sharesMemory(x, y)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test.each(Object.entries(moves))('the gradient of %s is its adjoint, exactly', (_, move) => {
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const random = randomFrom(seed);
        const x = randomView(shape, random);
        const { f, shape: target, from } = move(shape, random);
        const upstream = randomView(target, random, 'int32');
        const [u, expected] = [reader(upstream), new Float64Array(x.size)];
        for (const index of everyIndex(target)) {
          const source = from(index);
          if (typeof source !== 'number') expected[rowMajor(source, shape)] += u(index);
        }
        const up = tensor(Float64Array.from(valuesOf(upstream)), { shape: target });
        expect(valuesOf(pullBack(f, [x], up)[0]).map((v) => v + 0)).toEqual([...expected]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('joining and splitting', () => {
  test('concat and stack', () => {
    fc.assert(
      fc.property(shapes, fc.integer(), dtypes, (shape, seed, dtype) => {
        const random = randomFrom(seed);
        const axis = integer(random, 0, shape.length - 1);
        const parts = Array.from({ length: integer(random, 1, 4) }, () =>
          randomView(shape.with(axis, integer(random, 0, 3)), random, dtype),
        );
        const joined = concat(parts, axis - shape.length);
        const flat = parts.flatMap((p) => Array.from({ length: p.shape[axis] }, (_, i) => [reader(p), i] as const));
        expect(joined.shape).toEqual(shape.with(axis, flat.length));
        expect(valuesOf(joined)).toEqual(
          everyIndex(joined.shape).map((index) => flat[index[axis]][0](index.with(axis, flat[index[axis]][1]))),
        );
        expect(
          split(
            joined,
            parts.map((p) => p.shape[axis]),
            axis,
          ).map((t) => t.toArray()),
        ).toEqual(parts.map((p) => p.toArray()));

        const place = integer(random, 0, shape.length);
        const layers = Array.from({ length: 3 }, () => randomView(shape, random, dtype));
        const stacked = stack(layers, place);
        expect(valuesOf(stacked)).toEqual(
          everyIndex(shape.toSpliced(place, 0, 3)).map((index) =>
            reader(layers[index[place]])(index.toSpliced(place, 1)),
          ),
        );
        expect(unstack(stacked, place).map((t) => t.toArray())).toEqual(layers.map((t) => t.toArray()));
        if (shape.every((n) => n > 0)) expect(select(stacked, place, -1).toArray()).toEqual(layers[2].toArray());
      }),
      { numRuns: 30 },
    );
  });

  test('gradients of concat and stack, each input used or not', () => {
    const random = randomFrom(4);
    const xs = [randomView([2, 1, 2], random), randomView([2, 3, 2], random)];
    expect(gradientError((a, b) => concat([a, b, a], 1), xs, random)).toBeLessThan(1e-9);
    expect(gradientError((a, b) => stack([b, slice(concat([a, a, a], 1), [])], -1), xs, random)).toBeLessThan(1e-9);
  });

  test('concat promotes mixed dtypes', () => {
    expect(concat([tensor([true]), tensor(new Int32Array([2]))]).dtype).toBe('int32');
    expect(concat([tensor(new Int32Array([2])), tensor([0.5])]).toArray()).toEqual([2, 0.5]);
  });

  test('the gradient of all pieces is one concatenation, whatever their number', () => {
    const names: string[] = [];
    class Record extends Abstract {
      override bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
        names.push(op.name);
        return super.bind(op, attrs, inputs);
      }
    }
    const record = new Record();
    const x = record.tensor({ shape: [50, 2], dtype: 'float32' });
    const attrs = { axis: 0, sizes: new Array<number>(50).fill(1) };
    const steps = apply(Split, attrs, [x]);
    expect(unstack(x)).toHaveLength(50);
    expect(Split.vjp!(attrs, steps, [x], steps, [true])[0]!.shape).toEqual([50, 2]);
    expect(names.filter((name) => name !== 'reshape')).toEqual(['split', 'split', 'concat']);
  });

  test('split by size and chunk', () => {
    const sizes = (list: Tensor[]): number[] => list.map((t) => t.shape[0]);
    const x = zeros([5, 2]);
    expect(sizes(split(x, 2))).toEqual([2, 2, 1]);
    expect(sizes(chunk(zeros([6]), 4))).toEqual([2, 2, 2]);
    expect(sizes(chunk(x, 9))).toEqual([1, 1, 1, 1, 1]);
    expect(sizes(chunk(zeros([0]), 3))).toEqual([0]);
  });

  test('trace', () => {
    expect(
      trace(
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ).item(),
    ).toBe(6);
    expect(
      valuesOf(
        tril(
          tensor([
            [1, Infinity],
            [NaN, 2],
          ]),
        ),
      ),
    ).toEqual([1, 0, NaN, 2]);
  });

  test('E7: sumTo undoes a broadcast of any rank', () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(sumTo(x, []).item()).toBe(21);
    expect(sumTo(x, [3]).toArray()).toEqual([5, 7, 9]);
    expect(sumTo(x, [2, 1]).toArray()).toEqual([[6], [15]]);
    expect(sumTo(x, [1, 1]).toArray()).toEqual([[21]]);
    expect(sumTo(zeros([0, 3]), [1, 3]).toArray()).toEqual([[0, 0, 0]]);
  });
});

describe('movement: what is refused says why', () => {
  const x = zeros([2, 3]);
  test.each<[string, () => unknown, string | RegExp]>([
    ['reshape', () => reshape(x, [4]), 'reshape: [4] has 4 elements (expected 6).'],
    [
      'reshape, sizes one by one',
      () => reshape(x, 3 as never),
      'reshape: a shape must be an array of sizes (received 3).',
    ],
    ['reshape, two open sizes', () => reshape(x, [-1, -1]), /one size may be -1/],
    ['permute', () => permute(x, [0]), 'permute: every one of the 2 axes must be named once (received [0]).'],
    ['permute twice', () => permute(x, [0, 0]), /permute: an axis must be named once/],
    ['moveAxis', () => moveAxis(x, [0, 1], 0), 'moveAxis: 2 axes cannot move to 1 places.'],
    ['squeeze', () => squeeze(x, 1), 'squeeze: only an axis of size 1 can be dropped (axis 1, received 3).'],
    ['flatten', () => flatten(x, 1, 0), 'flatten: start 1 must not come after end 0.'],
    ['slice ranges', () => slice(x, [[], [], []]), 'slice: 3 ranges were given for 2 axes.'],
    ['slice step', () => slice(x, [[0, 1, 0]]), 'slice: step of axis 0 is an integer other than 0, received 0'],
    ['slice bound', () => slice(x, [[], [0.5]]), 'slice: start of axis 1 is an integer, received 0.5'],
    ['slice option', () => slice(x, [{ begin: 1 } as never]), "slice: unknown option 'begin'"],
    ['narrow', () => narrow(x, 1, 2, 2), 'narrow: start 2 and length 2 must stay inside an axis of 3 (axis 1).'],
    ['select', () => select(x, 1, 3), 'select: index 3 is out of range for axis 1 of size 3'],
    [
      'pad takes too much',
      () => pad(x, [0, [-2, -2]]),
      'pad: [-2, -2] takes 4 of 3 elements away (axis 1).\n  shapes: x [2, 3]',
    ],
    [
      'pad width',
      () => pad(x, [0, [1, 2, 3] as never]),
      'pad: a width is an integer or [before, after] (axis 1, received [1, 2, 3]).',
    ],
    [
      'pad mode',
      () => pad(x, 1, { mode: 'mirror' as never }),
      "pad: mode must be 'constant', 'reflect', 'replicate' or 'circular', received 'mirror'",
    ],
    [
      'pad value',
      () => pad(x, 1, { mode: 'circular', value: 2 }),
      "pad: a value goes with mode 'constant', received value 2 and mode 'circular'",
    ],
    ['pad value type', () => pad(x, 1, { value: '2' as never }), "pad: value must be a number, received '2'"],
    ['pad option', () => pad(x, 1, { border: 'reflect' } as never), "pad: unknown option 'border'"],
    [
      'C13: pad reflect',
      () => pad(x, [1, 3], { mode: 'reflect' }),
      /^pad: reflect padding must be below the 3 elements/,
    ],
    ['C13: pad circular', () => pad(x, [0, [0, 4]], { mode: 'circular' }), /must be at most the 3 elements/],
    ['pad ranks', () => pad(x, [1]), 'pad: widths are listed for 1 axes, but the tensor has 2.'],
    ['broadcastTo', () => broadcastTo(x, [3]), /broadcastTo/],
    [
      'concat sizes',
      () => concat([x, zeros([3, 3])], 1),
      'concat: input 1 differs from input 0 along another axis than the one joined (axis 1, received [3, 3], expected [2, 3]).',
    ],
    ['concat of nothing', () => concat([]), 'concat: expected at least one tensor, received none'],
    ['concat of one', () => concat(x as never), 'concat: expected an array of tensors; write concat([a, b], axis)'],
    [
      'stack',
      () => stack([x, zeros([2])]),
      'stack: input 1 has another shape than input 0 (received [2], expected [2, 3]).',
    ],
    [
      'split',
      () => split(x, [1, 2]),
      'split: the sizes must be non-negative integers that add up to 2 (axis 0, received [1, 2]).',
    ],
    ['chunk', () => chunk(x, 0), 'chunk: count is a positive integer, received 0'],
    ['tile', () => tile(x, [-1]), 'tile: repeats are non-negative integers (received [-1]).'],
    ['roll', () => roll(x, [1, 2]), 'roll: 2 shifts need as many axes (received 0).'],
    ['tril', () => tril(zeros([3])), /must have at least 2 axes/],
    ['diagonal', () => diagonal(x, 0.5), 'diagonal: offset is an integer, received 0.5'],
    ['no tensor', () => transpose([[1]] as never), /transpose: expected a tensor/],
  ])('%s', (_, f, message) => {
    expect(f).toThrow(message);
  });
});
