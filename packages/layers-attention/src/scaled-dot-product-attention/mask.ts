import { broadcastShapes, type Problems, sameShape, type Shape } from '@lemmata/shape';
import { any, logicalAnd, ne, ones, softmax, type Tensor, tril, where } from '@lemmata/tensor';

/**
 * How queries and keys of different number meet under a causal mask. `'top-left'`: query i sees keys 0 … i, counted from
 * the first. `'bottom-right'`: the last query sees all keys, counted from the last.
 */
export type CausalAlignment = 'top-left' | 'bottom-right';

/** [queries, keys], true where a query may attend to a key: to none that lies behind it. */
export function causalMask(queries: number, keys: number, alignment: CausalAlignment = 'top-left'): Tensor {
  return tril(ones([queries, keys], 'bool'), alignment === 'top-left' ? 0 : keys - queries);
}

/** Which keys each query attends to (true), and what is added to the scores. Null: all of them; nothing. */
export interface SplitMask {
  readonly keep: Tensor | null;
  readonly bias: Tensor | null;
}

/**
 * A mask as truth values and finite numbers: −∞ added to a score means that the key is not attended to, so that what
 * holds for masked keys holds for these.
 */
export function splitMask(mask: Tensor | null, causal: Tensor | null): SplitMask {
  if (mask === null) return { keep: causal, bias: null };
  const bool = mask.dtype === 'bool';
  const own = bool ? mask : ne(mask, -Infinity);
  return { keep: causal === null ? own : logicalAnd(own, causal), bias: bool ? null : where(own, mask, 0) };
}

/** Softmax along the last axis over those scores that `keep` (broadcast) holds for; 0 elsewhere, and in rows without any. */
export function maskedSoftmax(scores: Tensor, keep: Tensor): Tensor {
  // −∞ in all places would make 0 / 0 of a row without any: such a row gets 0 in all places, and is left out below.
  const outside = where(any(keep, { axis: -1, keepdims: true }), -Infinity, 0);
  return where(keep, softmax(where(keep, scores, outside)), 0);
}

/** Adds a problem unless the mask broadcasts to `scores`, without making it larger, and has a dtype that says what it means. */
export function checkMask(problems: Problems, name: string, mask: Tensor, scores: Shape, dtype: string): void {
  if (mask.dtype !== 'bool' && mask.dtype !== dtype) {
    problems.add({
      rule: `${name} must be bool (true: attend) or ${dtype} (added to the scores)`,
      received: mask.dtype,
      hint: 'Convert with cast',
    });
  }
  if (!broadcastsTo(mask.shape, scores))
    problems.add({ rule: `${name} must broadcast to the shape of the scores`, received: mask.shape, expected: scores });
}

function broadcastsTo(from: Shape, to: Shape): boolean {
  try {
    return sameShape(broadcastShapes('attention', from, to), to);
  } catch {
    return false;
  }
}
