import { normalizeAxis, ShapeError } from '@lemmata/shape';
import { asTensor } from '../create.js';
import type { Tensor } from '../tensor.js';
import { narrow, select } from './slice.js';

/**
 * Pieces of `x` along an axis, as views: of `size` elements each, the last with what remains, or of the sizes listed.
 *
 * @throws ShapeError if listed sizes do not add up to that of the axis.
 */
export function split(x: Tensor, size: number | readonly number[], axis = 0): Tensor[] {
  const t = asTensor(x, 'split');
  const along = normalizeAxis('split', axis, t.rank);
  const total = t.shape[along];
  const sizes = typeof size === 'number' ? equalSizes(size, total, along) : size;
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (sum !== total || !sizes.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError(
      'split',
      [{ rule: `the sizes must be non-negative integers that add up to ${total}`, axis: along, received: sizes }],
      { x: t.shape },
    );
  }
  let start = 0;
  return sizes.map((n) => {
    start += n;
    return narrow(t, along, start - n, n);
  });
}

function equalSizes(size: number, total: number, axis: number): number[] {
  if (!Number.isInteger(size) || size < 1) {
    throw new ShapeError('split', [{ rule: 'the size of a piece is a positive integer', axis, received: size }]);
  }
  const count = Math.max(1, Math.ceil(total / size));
  return Array.from({ length: count }, (_, i) => Math.min(size, total - i * size));
}

/**
 * At most `count` pieces of `x` along an axis, as views, of ⌈n / count⌉ elements each and the last with what remains:
 * 6 elements in 4 chunks are 3 pieces of 2.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.chunk.html
 */
export function chunk(x: Tensor, count: number, axis = 0): Tensor[] {
  const t = asTensor(x, 'chunk');
  const along = normalizeAxis('chunk', axis, t.rank);
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`chunk: count is a positive integer, received ${String(count)}`);
  return split(t, Math.max(1, Math.ceil(t.shape[along] / count)), along);
}

/** Each position of an axis as a tensor of its own, without the axis; views. */
export function unstack(x: Tensor, axis = 0): Tensor[] {
  const t = asTensor(x, 'unstack');
  const along = normalizeAxis('unstack', axis, t.rank);
  return Array.from({ length: t.shape[along] }, (_, i) => select(t, along, i));
}
