import { normalizeAxes, normalizeAxis, ShapeError } from '@lemmata/shape';
import { asTensor } from '../create.js';
import type { Tensor } from '../tensor.js';
import { reshape } from './reshape.js';

/**
 * `x` without axes of size 1: without those named, by default all of them. A view.
 *
 * @throws ShapeError if a named axis has another size than 1.
 */
export function squeeze(x: Tensor, axis?: number | readonly number[]): Tensor {
  const t = asTensor(x, 'squeeze');
  if (axis === undefined)
    return reshape(
      t,
      t.shape.filter((n) => n !== 1),
    );
  const axes = normalizeAxes('squeeze', axis, t.rank);
  for (const a of axes) {
    if (t.shape[a] !== 1) {
      throw new ShapeError(
        'squeeze',
        [
          {
            rule: 'only an axis of size 1 can be dropped',
            axis: a,
            received: t.shape[a],
            hint: 'Use select to pick one position of it',
          },
        ],
        { x: t.shape },
      );
    }
  }
  return reshape(
    t,
    t.shape.filter((_, a) => !axes.includes(a)),
  );
}

/** `x` with new axes of size 1, at these places of the result; negative places count from its end. A view. */
export function unsqueeze(x: Tensor, axis: number | readonly number[]): Tensor {
  const t = asTensor(x, 'unsqueeze');
  const rank = t.rank + (typeof axis === 'number' ? 1 : axis.length);
  const shape = [...t.shape];
  for (const a of normalizeAxes('unsqueeze', axis, rank).sort((p, q) => p - q)) shape.splice(a, 0, 1);
  return reshape(t, shape);
}

/** The axes from `start` to `end`, both included, as one; by default all. A view where the strides allow it. */
export function flatten(x: Tensor, start = 0, end = -1): Tensor {
  const t = asTensor(x, 'flatten');
  if (t.rank === 0) return reshape(t, [1]);
  const [from, to] = [normalizeAxis('flatten', start, t.rank), normalizeAxis('flatten', end, t.rank)];
  if (from > to)
    throw new ShapeError('flatten', [{ rule: `start ${start} must not come after end ${end}` }], { x: t.shape });
  const merged = t.shape.slice(from, to + 1).reduce((product, n) => product * n, 1);
  return reshape(t, [...t.shape.slice(0, from), merged, ...t.shape.slice(to + 1)]);
}
