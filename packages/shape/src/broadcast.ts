import { checkShape } from './check-shape.js';
import { Problems } from './problems.js';
import { ShapeError, type ShapeReason } from './shape-error.js';
import { formatShape, type Shape } from './shape.js';

/**
 * The common shape under NumPy's rule: shapes are aligned at their last axes, missing axes count as
 * 1, and along each axis all sizes other than 1 must agree. A size of 0 agrees with 0 and 1.
 *
 * Source: https://numpy.org/doc/stable/user/basics.broadcasting.html
 */
export function broadcastShapes(op: string, ...shapes: readonly Shape[]): number[] {
  let rank = 0;
  for (const shape of shapes) {
    checkShape(op, shape);
    rank = Math.max(rank, shape.length);
  }
  const result = new Array<number>(rank).fill(1);
  let fits = true;
  for (const shape of shapes) {
    const skip = rank - shape.length;
    for (let i = 0; i < shape.length; i++) {
      if (shape[i] === 1) continue;
      if (result[skip + i] === 1) result[skip + i] = shape[i]!;
      else if (result[skip + i] !== shape[i]) fits = false;
    }
  }
  if (!fits) throw mismatch(op, shapes, rank);
  return result;
}

function mismatch(op: string, shapes: readonly Shape[], rank: number): ShapeError {
  const reasons: ShapeReason[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    if (new Set(sizes.filter((dim) => dim !== 1)).size <= 1) continue;
    reasons.push({
      rule: `sizes ${sizes.join(' and ')} do not broadcast`,
      axis,
      expected: 'equal sizes, or 1',
      hint: `Axes are counted in the common shape, aligned at the last axis: ${shapes.map(formatShape).join(', ')}`,
    });
  }
  return new ShapeError(op, reasons, Object.fromEntries(shapes.map((shape, i) => [`input ${i}`, shape])));
}

/**
 * The axes of `to` along which `from` was repeated when it was broadcast: the gradient of a
 * broadcast sums over them (and is then reshaped to `from`). Throws if `from` does not broadcast to `to`.
 */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const problems = new Problems('broadcastAxes');
  checkShape(problems, from);
  checkShape(problems, to);
  const added = to.length - from.length;
  if (added < 0) problems.add({ rule: `${from.length} axes do not broadcast to ${to.length}` });
  const axes: number[] = [];
  for (let axis = 0; axis < to.length; axis++) {
    const dim = from[axis - added];
    if (axis < added || (dim === 1 && to[axis] !== 1)) axes.push(axis);
    else if (dim !== to[axis]) problems.add({ rule: `size ${dim} does not broadcast to ${to[axis]}`, axis });
  }
  problems.throwIfAny({ from, to });
  return axes;
}
