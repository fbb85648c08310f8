import type { Problems, Shape } from '@lemmata/shape';
import { broadcastTo, concat, full, logicalAnd, logicalNot, reshape, type Tensor, where } from '@lemmata/tensor';
import { checkMask } from '../scaled-dot-product-attention/mask.js';

/** What the masks of a call are about. */
export interface Lengths {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** Keys behind those of the input, to which everyone may attend. */
  readonly extra: number;
}

/** The masks of a call as one that broadcasts to [N, heads, L, S + extra]; null where there is none. */
export function joinMasks(
  mask: Tensor | null,
  causal: Tensor | null,
  padding: Tensor | null,
  { batch, heads, keys, extra }: Lengths,
): Tensor | null {
  const perHead = mask !== null && mask.rank === 3 ? reshape(mask, [batch, heads, ...mask.shape.slice(1)]) : mask;
  const present = padding === null ? null : reshape(logicalNot(padding), [batch, 1, 1, padding.shape[1]]);
  const bools = [causal, present, ...(perHead?.dtype === 'bool' ? [perHead] : [])].filter((m) => m !== null);
  const keep = bools.length === 0 ? null : bools.reduce((a, b) => logicalAnd(a, b));
  const joined =
    perHead === null || perHead.dtype === 'bool' ? keep : keep === null ? perHead : where(keep, perHead, -Infinity);
  if (joined === null || extra === 0) return joined;
  const rows = joined.shape.slice(0, -1);
  const open = full([...rows, extra], joined.dtype === 'bool' ? 1 : 0, joined.dtype);
  return concat([broadcastTo(joined, [...rows, keys]), open], -1);
}

/** Adds a problem for each mask that does not fit. */
export function checkMasks(
  problems: Problems,
  mask: Tensor | null,
  padding: Tensor | null,
  { batch, heads, queries, keys }: Lengths,
  dtype: string,
): void {
  if (mask !== null) {
    const allowed: Shape[] = [
      [queries, keys],
      [batch * heads, queries, keys],
    ];
    if (mask.rank === 4) checkMask(problems, 'mask', mask, [batch, heads, queries, keys], dtype);
    else if (allowed.some((shape) => shape.join() === mask.shape.join()))
      checkMask(problems, 'mask', mask, mask.shape, dtype);
    else
      problems.add({
        rule: 'mask must be [L, S], [N · heads, L, S], or broadcast to [N, heads, L, S] from 4 axes',
        received: mask.shape,
        expected: [queries, keys],
      });
  }
  if (padding === null) return;
  if (padding.dtype !== 'bool')
    problems.add({ rule: 'keyPaddingMask must hold truth values (true: padding)', received: padding.dtype });
  if (padding.shape.join() !== [batch, keys].join())
    problems.add({ rule: 'keyPaddingMask must be [N, S]', received: padding.shape, expected: [batch, keys] });
}
