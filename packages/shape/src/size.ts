import { checkShape } from './check-shape.js';
import type { Shape } from './shape.js';

/** Number of elements: the product of the sizes, 1 for `[]`. Throws a ShapeError on sizes that are none. */
export function sizeOf(shape: Shape): number {
  checkShape('sizeOf', shape);
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis]!;
  return size;
}

/**
 * Steps, in elements, between neighbours along each axis of a packed row-major array.
 * An axis of size 0 counts as 1, so that a stride of 0 always means a broadcast axis.
 */
export function contiguousStrides(shape: Shape): number[] {
  checkShape('contiguousStrides', shape);
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= Math.max(1, shape[axis]!);
  }
  return strides;
}
