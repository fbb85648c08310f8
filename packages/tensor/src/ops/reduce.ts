import { contiguousStrides, sizeOf, type Shape } from '@lemmata/shape';
import { collapse } from '../layout.js';

export interface ReduceOptions {
  /** The axes that disappear; negative ones count from the back. Default: all. */
  readonly axis?: number | readonly number[];
  /** Leave the reduced axes in place with size 1. Default false. */
  readonly keepdims?: boolean;
}

export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): Shape {
  if (keepdims) return shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** How the elements of a packed array fall into rows that are reduced to one element each. */
export interface Rows {
  /** Where each row starts, in the order of the outputs. */
  readonly starts: Float64Array;
  /** A row is made of runs, at these offsets from its start… */
  readonly runs: Float64Array;
  /** …of `count` elements, `stride` apart. */
  readonly count: number;
  readonly stride: number;
}

export function rows(shape: Shape, axes: readonly number[]): Rows {
  const strides = contiguousStrides(shape);
  const part = (reduced: boolean): { shape: number[]; strides: number[][] } => {
    const chosen = shape.map((_, axis) => axis).filter((axis) => axes.includes(axis) === reduced);
    return collapse(chosen.map((axis) => shape[axis]), chosen.map((axis) => strides[axis]));
  };
  const kept = part(false);
  const reduced = part(true);
  const count = reduced.shape.pop() ?? 1;
  const stride = reduced.strides[0].pop() ?? 1;
  return { starts: offsets(kept.shape, kept.strides[0]), runs: offsets(reduced.shape, reduced.strides[0]), count, stride };
}

/** The offset of every index of a shape, in row-major order. */
export function offsets(shape: Shape, strides: readonly number[]): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  if (out.length === 0) return out;
  let filled = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    // The offsets of the axes behind are there already: repeat them along this one.
    for (let i = shape[axis] - 1; i > 0; i--) {
      for (let k = 0; k < filled; k++) out[i * filled + k] = out[k] + i * strides[axis];
    }
    filled *= shape[axis];
  }
  return out;
}
