import { normalizeAxes, normalizeAxis, ShapeError } from '@lemmata/shape';
import { asTensor } from '../create.js';
import type { Tensor } from '../tensor.js';
import { broadcastTo } from './broadcast-to.js';
import { concat } from './concat.js';
import { reshape } from './reshape.js';
import { narrow } from './slice.js';

/**
 * `x` laid side by side `repeats[i]` times along each axis; with fewer repeats than axes, along the last ones, with more,
 * along new leading axes too (PyTorch's `repeat`).
 *
 * @example tile(tensor([1, 2]), [2, 2]) // [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  const t = asTensor(x, 'tile');
  checkCounts('tile', repeats);
  const rank = Math.max(t.rank, repeats.length);
  const shape = [...new Array<number>(rank - t.rank).fill(1), ...t.shape];
  const times = [...new Array<number>(rank - repeats.length).fill(1), ...repeats];
  const apart = reshape(
    t,
    shape.flatMap((n) => [1, n]),
  );
  return reshape(
    broadcastTo(
      apart,
      shape.flatMap((n, axis) => [times[axis], n]),
    ),
    shape.map((n, axis) => n * times[axis]),
  );
}

/** `x` with every element along an axis written `count` times in a row: [a, b] → [a, a, b, b]. */
export function repeatInterleave(x: Tensor, count: number, axis: number): Tensor {
  const t = asTensor(x, 'repeatInterleave');
  checkCounts('repeatInterleave', [count]);
  const along = normalizeAxis('repeatInterleave', axis, t.rank);
  const [before, after] = [t.shape.slice(0, along + 1), t.shape.slice(along + 1)];
  const apart = reshape(t, [...before, 1, ...after]);
  return reshape(broadcastTo(apart, [...before, count, ...after]), t.shape.with(along, t.shape[along] * count));
}

function checkCounts(op: string, counts: readonly number[]): void {
  if (!Array.isArray(counts) || !counts.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError(op, [{ rule: 'repeats are non-negative integers', received: counts }]);
  }
}

/**
 * `x` with its elements moved `shift` places along an axis; those that leave at one end enter at the other. For several
 * axes list shifts and axes; without an axis (the default) the elements move in row-major order.
 */
export function roll(x: Tensor, shift: number | readonly number[], axis?: number | readonly number[]): Tensor {
  const t = asTensor(x, 'roll');
  const shifts = typeof shift === 'number' ? [shift] : shift;
  if (!shifts.every(Number.isInteger)) throw new TypeError(`roll: shifts are integers, received ${shifts.join(', ')}`);
  if (axis === undefined) {
    if (shifts.length !== 1)
      throw new ShapeError('roll', [{ rule: `${shifts.length} shifts need as many axes`, received: 0 }], {
        x: t.shape,
      });
    return reshape(rollAxis(reshape(t, [t.size]), shifts[0], 0), t.shape);
  }
  const axes = normalizeAxes('roll', axis, t.rank);
  if (axes.length !== shifts.length) {
    throw new ShapeError('roll', [{ rule: `${shifts.length} shifts need as many axes`, received: axes.length }], {
      x: t.shape,
    });
  }
  return axes.reduce((rolled, a, i) => rollAxis(rolled, shifts[i], a), t);
}

function rollAxis(x: Tensor, shift: number, axis: number): Tensor {
  const size = x.shape[axis];
  const by = size === 0 ? 0 : ((shift % size) + size) % size;
  return by === 0 ? x : concat([narrow(x, axis, size - by, by), narrow(x, axis, 0, size - by)], axis);
}
