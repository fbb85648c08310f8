import { ShapeError, sizeOf } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export interface TriangleAttrs {
  readonly part: 'lower' | 'upper';
  /** The last (lower) or first (upper) diagonal that is kept: column − row. */
  readonly diagonal: number;
}

export const Triangle: OpDef<TriangleAttrs> = {
  name: 'triangle',
  linearIn: [0],
  infer(_attrs, x) {
    if (x.shape.length < 2)
      throw new ShapeError(
        'triangle',
        [{ rule: 'a triangle is part of a matrix: the input must have at least 2 axes' }],
        { x: x.shape },
      );
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  reference({ part, diagonal }, [x], [out]) {
    const [rows, columns] = x.shape.slice(-2);
    const matrices = sizeOf(x.shape.slice(0, -2));
    for (let m = 0, p = 0; m < matrices; m++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++, p++) {
          const kept = part === 'lower' ? j - i <= diagonal : j - i >= diagonal;
          out.data[p] = kept ? x.data[p] : 0;
        }
      }
    }
  },
  vjp(attrs, [upstream]) {
    return [upstream === null ? null : apply(Triangle, attrs, [upstream])[0]];
  },
};

/** Each matrix of `x` with 0 above a diagonal: the main one by default, or `diagonal` places above it. */
export function tril(x: Tensor, diagonal = 0): Tensor {
  return triangle('tril', 'lower', x, diagonal);
}

/** Each matrix of `x` with 0 below a diagonal: the main one by default, or `diagonal` places above it. */
export function triu(x: Tensor, diagonal = 0): Tensor {
  return triangle('triu', 'upper', x, diagonal);
}

function triangle(op: string, part: TriangleAttrs['part'], x: Tensor, diagonal: number): Tensor {
  if (!Number.isInteger(diagonal)) throw new TypeError(`${op}: diagonal is an integer, received ${String(diagonal)}`);
  return apply(Triangle, { part, diagonal }, [asTensor(x, op)])[0];
}
