import { normalizeAxes, normalizeAxis, ShapeError } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Permute: OpDef<{ readonly axes: readonly number[] }> = {
  name: 'permute',
  linearIn: [0],
  infer({ axes }, x) {
    const rank = x.shape.length;
    if (axes.length !== rank || !axes.every((axis, i) => axis >= 0 && axis < rank && axes.indexOf(axis) === i)) {
      throw new ShapeError('permute', [{ rule: `every one of the ${rank} axes must be named once`, received: axes }], {
        x: x.shape,
      });
    }
    return [{ ...x, shape: axes.map((axis) => x.shape[axis]) }];
  },
  alias({ axes }, { shape, strides, offset }) {
    return { shape: axes.map((axis) => shape[axis]), strides: axes.map((axis) => strides[axis]), offset };
  },
  vjp({ axes }, [upstream]) {
    return [
      upstream === null
        ? null
        : permute(
            upstream,
            axes.map((_, axis) => axes.indexOf(axis)),
          ),
    ];
  },
};

/**
 * The axes of `x` in another order: axis i of the result is axis `axes[i]` of `x`. A view.
 *
 * @throws ShapeError unless every axis is named exactly once.
 */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  const t = asTensor(x, 'permute');
  const order = normalizeAxes('permute', axes, t.rank);
  const unmoved = order.length === t.rank && order.every((axis, i) => axis === i);
  return unmoved ? t : apply(Permute, { axes: order }, [t])[0];
}

/** `x` with two axes exchanged, by default the last two: the transpose of a matrix, or of each matrix of a batch. A view. */
export function transpose(x: Tensor, a = -2, b = -1): Tensor {
  const t = asTensor(x, 'transpose');
  const [i, j] = [normalizeAxis('transpose', a, t.rank), normalizeAxis('transpose', b, t.rank)];
  return permute(
    t,
    t.shape.map((_, axis) => (axis === i ? j : axis === j ? i : axis)),
  );
}

/**
 * `x` with the axes `from` moved to the places `to`, the others keeping their order. A view.
 *
 * @example moveAxis(x, 1, -1) // [N, C, H, W] → [N, H, W, C]
 */
export function moveAxis(x: Tensor, from: number | readonly number[], to: number | readonly number[]): Tensor {
  const t = asTensor(x, 'moveAxis');
  const sources = normalizeAxes('moveAxis', from, t.rank);
  const places = normalizeAxes('moveAxis', to, t.rank);
  if (sources.length !== places.length) {
    throw new ShapeError(
      'moveAxis',
      [{ rule: `${sources.length} axes cannot move to ${places.length} places`, hint: 'Name one place for each axis' }],
      { x: t.shape },
    );
  }
  const order = t.shape.map((_, axis) => axis).filter((axis) => !sources.includes(axis));
  // In ascending order of the places, so that each insertion leaves those before it where they are.
  for (const [i, place] of [...places.entries()].sort(([, p], [, q]) => p - q)) order.splice(place, 0, sources[i]);
  return permute(t, order);
}
