import {
  type Border,
  checkBorder,
  contiguousStrides,
  Problems,
  ShapeError,
  sameShape,
  sizeOf,
  type Shape,
} from '@lemmata/shape';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';

/** Elements added on each side of every axis; negative ones are taken away. */
export interface ExtendAttrs {
  readonly border: Border;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** `x` with its own elements around it: those that `sources` names. */
export const Extend: OpDef<ExtendAttrs> = {
  name: 'extend',
  linearIn: [0],
  infer(attrs, x) {
    return [{ shape: extendedShape('extend', attrs, x.shape), dtype: x.dtype }];
  },
  reference(attrs, [x], [out]) {
    const { outer, rows, columns, block } = walk(attrs, x.shape);
    for (let o = 0, to = 0; o < outer; o++) {
      for (let r = 0; r < rows.length; r++) {
        const from = o * block + rows[r];
        for (let c = 0; c < columns.length; c++, to++) out.data[to] = x.data[from + columns[c]];
      }
    }
  },
  vjp(attrs, [upstream], [x]) {
    return [upstream === null ? null : apply(ExtendAdjoint, { ...attrs, shape: x.shape }, [upstream])[0]];
  },
};

/** The adjoint of {@link Extend}: every element added to the one that it is a copy of. */
export const ExtendAdjoint: OpDef<ExtendAttrs & { readonly shape: Shape }> = {
  name: 'extendAdjoint',
  linearIn: [0],
  infer({ shape, ...attrs }, y) {
    const expected = extendedShape('extendAdjoint', attrs, shape);
    if (!sameShape(expected, y.shape)) {
      throw new ShapeError(
        'extendAdjoint',
        [{ rule: 'y must have the shape of the extended x', received: y.shape, expected }],
        { x: shape, y: y.shape },
      );
    }
    return [{ shape, dtype: y.dtype }];
  },
  reference(attrs, [y], [out]) {
    const { outer, rows, columns, block } = walk(attrs, out.shape);
    // Many elements may be copies of one: sums are taken in float64, and rounded once.
    const sums = new Float64Array(block);
    for (let o = 0, from = 0; o < outer; o++) {
      sums.fill(0);
      for (let r = 0; r < rows.length; r++) {
        const to = rows[r];
        for (let c = 0; c < columns.length; c++, from++) sums[to + columns[c]] += y.data[from];
      }
      out.data.set(sums, o * block);
    }
  },
  vjp({ shape: _, ...attrs }, [upstream]) {
    return [upstream === null ? null : apply(Extend, attrs, [upstream])[0]];
  },
};

function extendedShape(op: string, { border, before, after }: ExtendAttrs, shape: Shape): number[] {
  const problems = new Problems(op);
  if (before.length !== shape.length || after.length !== shape.length) {
    problems.add({ rule: `widths name each of the ${shape.length} axes`, received: [before.length, after.length] });
  } else {
    shape.forEach((size, axis) => checkBorder(problems, border, size, [before[axis], after[axis]], axis));
  }
  problems.throwIfAny({ x: shape });
  return shape.map((size, axis) => before[axis] + size + after[axis]);
}

/** Which of `size` elements along an axis each element of the extended axis is. */
function sources(border: Border, size: number, before: number, after: number): Int32Array {
  const period = size + Math.min(before, 0) + Math.min(after, 0);
  return Int32Array.from({ length: before + size + after }, (_, j) => {
    const i = j - before;
    if (border === 'replicate') return Math.min(Math.max(i, 0), size - 1);
    if (border === 'reflect') return i < 0 ? -i : i < size ? i : 2 * (size - 1) - i;
    // What is repeated is what is left of the axis.
    return Math.max(-before, 0) + ((j - Math.max(before, 0) + period) % period);
  });
}

/** How to walk: `outer` blocks that are alike; in each of them `rows` of elements `columns`, all of them offsets in x. */
interface Walk {
  readonly outer: number;
  /** Elements of x in a block. */
  readonly block: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

function walk({ border, before, after }: ExtendAttrs, shape: Shape): Walk {
  const strides = contiguousStrides(shape);
  const first = shape.findIndex((_, axis) => before[axis] !== 0 || after[axis] !== 0);
  const start = first === -1 ? shape.length : first;
  const offsets = shape
    .map((size, axis) => sources(border, size, before[axis], after[axis]).map((i) => i * strides[axis]))
    .slice(start);
  const columns = offsets.pop() ?? Int32Array.of(0);
  const rows = offsets.reduce((sums, axis) => {
    const next = new Int32Array(sums.length * axis.length);
    sums.forEach((sum, s) => axis.forEach((offset, i) => (next[s * axis.length + i] = sum + offset)));
    return next;
  }, Int32Array.of(0));
  return { outer: sizeOf(shape.slice(0, start)), block: sizeOf(shape.slice(start)), rows, columns };
}
