import { judge, type Problems } from './problems.js';

/**
 * An axis counted from the front, from one that may count from the back (−1 is the last). A scalar takes 0 and −1, as if
 * it were one element along one axis (PyTorch's rule).
 */
export function normalizeAxis(op: string | Problems, axis: number, rank: number): number {
  return judge(op, (problems) => {
    const axes = Math.max(1, rank);
    if (Number.isInteger(axis) && axis >= -axes && axis < axes) return axis < 0 ? axis + axes : axis + 0;
    problems.add({ rule: `an axis of ${rank} must be an integer from ${-axes} to ${axes - 1}`, received: axis });
    return 0;
  });
}

/**
 * Several axes counted from the front, in the order given. One number is one axis; `undefined` is
 * all axes, of a scalar none. An axis named twice is refused.
 */
export function normalizeAxes(
  op: string | Problems,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  return judge(op, (problems) => {
    const before = problems.reasons.length;
    const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normalizeAxis(problems, axis, rank));
    if (problems.reasons.length > before) return list;
    for (const [i, axis] of list.entries()) {
      if (list.indexOf(axis) < i) problems.add({ rule: 'an axis must be named once', axis, received: axes });
    }
    // The one element of a scalar stays, whatever is done along its axis.
    return rank === 0 ? [] : list;
  });
}
