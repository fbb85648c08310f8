import { judge, type Problems } from './problems.js';
import { formatShape, type Shape } from './shape.js';

/** True of an array of non-negative integers whose product is a safe integer. */
export function isShape(shape: Shape): boolean {
  if (!Array.isArray(shape)) return false;
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) {
    const dim: unknown = shape[axis];
    if (!Number.isInteger(dim) || (dim as number) < 0) return false;
    size *= dim as number;
  }
  return Number.isSafeInteger(size);
}

/** Refuses sizes that are not non-negative integers, and shapes of more than 2^53 − 1 elements. */
export function checkShape(op: string | Problems, shape: Shape): void {
  if (isShape(shape)) return;
  judge(op, (problems) => {
    if (!Array.isArray(shape)) {
      problems.add({ rule: 'a shape must be an array of sizes', received: shape });
      return;
    }
    let size = 1;
    let valid = true;
    for (let axis = 0; axis < shape.length; axis++) {
      const dim: unknown = shape[axis];
      if (Number.isSafeInteger(dim) && (dim as number) >= 0) {
        size *= dim as number;
        continue;
      }
      valid = false;
      problems.add({ rule: `sizes of ${formatShape(shape)} must be non-negative integers`, axis, received: dim });
    }
    if (valid && !Number.isSafeInteger(size)) {
      problems.add({ rule: `${formatShape(shape)} has more than 2^53 - 1 elements`, received: size });
    }
  });
}
