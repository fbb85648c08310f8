import { isSize } from './per-axis.js';
import { judge, type Problems } from './problems.js';
import { formatShape, type Shape } from './shape.js';

/** Refuses sizes that are not non-negative integers, and shapes of more than 2^53 − 1 elements. */
export function checkShape(op: string | Problems, shape: Shape): void {
  if (isShape(shape)) return;
  judge(op, (problems) => {
    if (!Array.isArray(shape)) {
      problems.add({ rule: 'a shape must be an array of sizes', received: shape });
      return;
    }
    const before = problems.reasons.length;
    for (const [axis, dim] of shape.entries()) {
      if (isSize(dim, 0)) continue;
      problems.add({ rule: `sizes of ${formatShape(shape)} must be non-negative integers`, axis, received: dim });
    }
    if (problems.reasons.length > before) return;
    problems.add({
      rule: `${formatShape(shape)} has more than 2^53 - 1 elements`,
      received: shape.reduce((size, dim) => size * dim, 1),
    });
  });
}

/** True of an array of non-negative integers whose product is a safe integer. */
function isShape(shape: Shape): boolean {
  if (!Array.isArray(shape)) return false;
  let size = 1;
  for (const dim of shape) {
    if (!isSize(dim, 0)) return false;
    size *= dim;
  }
  return Number.isSafeInteger(size);
}
