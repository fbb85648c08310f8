import { contiguousStrides, normalizeAxes, ShapeError, unknownOptions, type Shape } from '@lemmata/shape';
import { collapse } from '../layout.js';
import type { Tensor } from '../tensor.js';
import { offsets } from './offsets.js';
import { permute } from './permute.js';
import { reshape } from './reshape.js';

export interface ReduceOptions {
  /** The axes that disappear; negative ones count from the back. Default: all. An empty list reduces nothing. */
  readonly axis?: number | readonly number[] | undefined;
  /** Leave the reduced axes in place with size 1. Default false. */
  readonly keepdims?: boolean | undefined;
}

/** The axes that the options of a reduction name, in ascending order. */
export function reducedAxes(op: string, rank: number, options: ReduceOptions): number[] {
  unknownOptions(op, options, ['axis', 'keepdims']);
  return normalizeAxes(op, options.axis, rank).sort((a, b) => a - b);
}

/** A shape without these axes, or with 1 in their places. */
export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): Shape {
  if (keepdims) return shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** `x` with these axes as one, behind the others. */
export function mergeAxes(x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  return reshape(permute(x, [...kept, ...axes]), [...kept.map((axis) => x.shape[axis]), count]);
}

/** Refuses to reduce an axis without elements, for reductions that have no value there. */
export function needElements(op: string, shape: Shape, axes: readonly number[]): void {
  const empty = axes.filter((axis) => shape[axis] === 0);
  if (empty.length === 0) return;
  throw new ShapeError(
    op,
    empty.map((axis) => ({
      rule: `there is no ${op} of no elements`,
      axis,
      received: 0,
      expected: 'a size of at least 1',
    })),
    { x: shape },
  );
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

/** The rows of a packed array of this shape that are reduced over these axes. */
export function rows(shape: Shape, axes: readonly number[]): Rows {
  const strides = contiguousStrides(shape);
  const part = (reduced: boolean): { shape: number[]; strides: number[][] } => {
    const chosen = shape.map((_, axis) => axis).filter((axis) => axes.includes(axis) === reduced);
    return collapse(
      chosen.map((axis) => shape[axis]),
      chosen.map((axis) => strides[axis]),
    );
  };
  const kept = part(false);
  const reduced = part(true);
  const count = reduced.shape.pop() ?? 1;
  const stride = reduced.strides[0].pop() ?? 1;
  return {
    starts: offsets(kept.shape, kept.strides[0]),
    runs: offsets(reduced.shape, reduced.strides[0]),
    count,
    stride,
  };
}

/** {@link Rows} along one axis: each is a single run. */
export function lanes(
  shape: Shape,
  axis: number,
): { readonly starts: Float64Array; readonly count: number; readonly stride: number } {
  const { starts, count, stride } = rows(shape, [axis]);
  return { starts, count, stride };
}
