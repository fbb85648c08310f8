import { contiguousStrides, normalizeAxes, sameShape, ShapeError, type Shape } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { place } from './place.js';
import { sum } from './sum.js';

export interface DiagonalAttrs {
  /** Column − row. */
  readonly offset: number;
  /** The axes of rows and columns. */
  readonly axes: readonly [rows: number, columns: number];
}

export const Diagonal: OpDef<DiagonalAttrs> = {
  name: 'diagonal',
  linearIn: [0],
  infer(attrs, x) {
    return [{ ...x, shape: diagonalShape(attrs, x.shape) }];
  },
  alias(attrs, { shape, strides, offset }) {
    const of = diagonalStrides(attrs, strides);
    return { shape: diagonalShape(attrs, shape), strides: of.strides, offset: offset + of.start };
  },
  vjp(attrs, [upstream], [x]) {
    return [upstream === null ? null : apply(DiagonalEmbed, { ...attrs, shape: x.shape }, [upstream])[0]];
  },
};

/** The adjoint of {@link Diagonal}: zeros of `shape` with the input on the diagonal. */
export const DiagonalEmbed: OpDef<DiagonalAttrs & { readonly shape: Shape }> = {
  name: 'diagonalEmbed',
  linearIn: [0],
  infer(attrs, x) {
    const expected = diagonalShape(attrs, attrs.shape);
    if (!sameShape(x.shape, expected)) {
      throw new ShapeError(
        'diagonalEmbed',
        [{ rule: 'the input must have the shape of the diagonal', received: x.shape, expected }],
        { shape: attrs.shape },
      );
    }
    return [{ shape: attrs.shape, dtype: x.dtype }];
  },
  reference(attrs, [x], [out]) {
    const { strides, start } = diagonalStrides(attrs, contiguousStrides(attrs.shape));
    out.data.fill(0);
    place(x, out.data, strides, start);
  },
  vjp({ offset, axes }, [upstream]) {
    return [upstream === null ? null : apply(Diagonal, { offset, axes }, [upstream])[0]];
  },
};

function diagonalShape({ offset, axes: [rows, columns] }: DiagonalAttrs, shape: Shape): Shape {
  const length = Math.max(0, Math.min(shape[rows] + Math.min(0, offset), shape[columns] - Math.max(0, offset)));
  return [...shape.filter((_, axis) => axis !== rows && axis !== columns), length];
}

function diagonalStrides(
  { offset, axes: [rows, columns] }: DiagonalAttrs,
  strides: readonly number[],
): { strides: number[]; start: number } {
  return {
    strides: [...strides.filter((_, axis) => axis !== rows && axis !== columns), strides[rows] + strides[columns]],
    start: offset < 0 ? -offset * strides[rows] : offset * strides[columns],
  };
}

/**
 * The diagonal of two axes, by default the first two, as a new last axis; with an offset, the diagonal that many columns to
 * the right. A view.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.diagonal.html
 */
export function diagonal(x: Tensor, offset = 0, rowAxis = 0, columnAxis = 1): Tensor {
  const t = asTensor(x, 'diagonal');
  if (!Number.isInteger(offset)) throw new TypeError(`diagonal: offset is an integer, received ${String(offset)}`);
  const [rows, columns] = normalizeAxes('diagonal', [rowAxis, columnAxis], t.rank);
  return apply(Diagonal, { offset, axes: [rows, columns] }, [t])[0];
}

/** The sum of the elements on the main diagonal of a matrix; of each matrix made by the first two axes. */
export function trace(x: Tensor): Tensor {
  return sum(diagonal(x), { axis: -1 });
}
