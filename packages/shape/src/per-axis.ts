import { judge, type Problems } from './problems.js';

/** An option that holds for every spatial axis, or one value an axis. */
export type PerAxis = number | readonly number[];

/**
 * One value for each of `rank` spatial axes: a number stands for all of them. Refuses values that
 * are not integers of at least `min`, and lists of another length.
 */
export function perAxis(op: string | Problems, option: string, value: PerAxis, rank: number, min: number): number[] {
  return judge(op, (problems) => {
    if (Array.isArray(value) && value.length !== rank) {
      problems.add({
        rule: `${option} needs one number, or one for each of the ${rank} spatial axes`,
        received: value,
      });
      return new Array<number>(rank).fill(min);
    }
    const list: number[] = Array.isArray(value) ? [...value] : new Array(rank).fill(value);
    if (list.some((entry) => !isSize(entry, min))) {
      problems.add({ rule: `${option} must be integers of at least ${min}`, received: value });
    }
    return list;
  });
}

/** An integer of at least `min`. */
export function isSize(value: unknown, min: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min;
}
