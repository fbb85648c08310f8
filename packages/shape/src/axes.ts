import { judge, type Problems } from './problems.js';

/** An axis counted from the front, from one that may count from the back (−1 is the last). */
export function normalizeAxis(op: string | Problems, axis: number, rank: number): number {
  return judge(op, (problems) => {
    if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis + 0;
    problems.add(
      rank === 0
        ? { rule: 'a scalar has no axes', received: axis }
        : { rule: `an axis of ${rank} must be an integer from ${-rank} to ${rank - 1}`, received: axis },
    );
    return 0;
  });
}

/**
 * Several axes counted from the front, in the order given. One number is one axis; `undefined` is
 * all axes. An axis named twice is refused.
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
    return list;
  });
}
