import { bounded } from './integer.js';
import { checkInteger, checkKey, type Key } from './key.js';

/** The numbers 0 to `count` − 1 in random order, all orders equally likely (Fisher and Yates). */
export function permutation(key: Key, count: number): Int32Array {
  checkKey('permutation', key);
  checkInteger('permutation', 'count', count, 0);
  if (count > 2 ** 31) throw new RangeError(`permutation: count must be at most 2^31; received ${count}`);
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let last = count - 1; last > 0; last--) {
    const other = bounded(key, last, last + 1);
    const held = order[last]!;
    order[last] = order[other]!;
    order[other] = held;
  }
  return order;
}
