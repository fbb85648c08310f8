import { contiguousStrides, normalizeAxis, ShapeError } from '@lemmata/shape';
import { asTensor, full } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { concat } from './concat.js';
import { offsets } from './offsets.js';
import { reshape } from './reshape.js';

/**
 * x → pieces of these sizes along an axis. Slices would give the same without a copy, but each would pass on a gradient of the
 * size of x: for the steps of a sequence a cost that grows with the square of its length. Here the gradient is one
 * concatenation.
 */
export const Split: OpDef<{ readonly axis: number; readonly sizes: readonly number[] }> = {
  name: 'split',
  linearIn: [0],
  infer({ axis, sizes }, x) {
    checkSizes(sizes, x.shape, axis);
    return sizes.map((n) => ({ shape: x.shape.with(axis, n), dtype: x.dtype }));
  },
  reference({ axis, sizes }, [x], outs) {
    if (x.data.length === 0) return;
    const stride = contiguousStrides(x.shape)[axis];
    const rows = offsets(x.shape.slice(0, axis), contiguousStrides(x.shape).slice(0, axis));
    let start = 0;
    outs.forEach(({ data }, i) => {
      const length = sizes[i] * stride;
      rows.forEach((row, r) => data.set(x.data.subarray(row + start, row + start + length), r * length));
      start += length;
    });
  },
  vjp({ axis }, upstream, _inputs, outputs) {
    return [
      concat(
        upstream.map((u, i) => u ?? full(outputs[i].shape, 0, outputs[i].dtype)),
        axis,
      ),
    ];
  },
};

function checkSizes(sizes: readonly number[], shape: readonly number[], axis: number): void {
  const total = shape[axis];
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (sum === total && sizes.every((n) => Number.isInteger(n) && n >= 0)) return;
  throw new ShapeError(
    'split',
    [{ rule: `the sizes must be non-negative integers that add up to ${total}`, axis, received: sizes }],
    { x: shape },
  );
}

function pieces(x: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  checkSizes(sizes, x.shape, axis);
  return sizes.length < 2 ? sizes.map(() => x) : apply(Split, { axis, sizes }, [x]);
}

/**
 * Pieces of `x` along an axis, as copies: of `size` elements each, the last with what remains, or of the sizes listed. For one piece
 * alone, as a view, see `narrow`. Default axis 0.
 *
 * @throws ShapeError if listed sizes do not add up to that of the axis.
 */
export function split(x: Tensor, size: number | readonly number[], axis = 0): Tensor[] {
  const t = asTensor(x, 'split');
  const along = normalizeAxis('split', axis, t.rank);
  return pieces(t, along, typeof size === 'number' ? equalSizes(size, t.shape[along], along) : size);
}

function equalSizes(size: number, total: number, axis: number): number[] {
  if (!Number.isInteger(size) || size < 1) {
    throw new ShapeError('split', [{ rule: 'the size of a piece is a positive integer', axis, received: size }]);
  }
  const count = Math.max(1, Math.ceil(total / size));
  return Array.from({ length: count }, (_, i) => Math.min(size, total - i * size));
}

/**
 * At most `count` pieces of `x` along an axis, as copies, of ⌈n / count⌉ elements each and the last with what remains:
 * 6 elements in 4 chunks are 3 pieces of 2. Default axis 0.
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

/** Each position of an axis as a tensor of its own, without the axis; copies. For one position alone, as a view, see `select`. Default axis 0. */
export function unstack(x: Tensor, axis = 0): Tensor[] {
  const t = asTensor(x, 'unstack');
  const along = normalizeAxis('unstack', axis, t.rank);
  const shape = t.shape.filter((_, a) => a !== along);
  return pieces(t, along, new Array<number>(t.shape[along]).fill(1)).map((piece) => reshape(piece, shape));
}
