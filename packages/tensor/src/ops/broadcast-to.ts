import { broadcastAxes, broadcastShapes, sameShape, ShapeError, type Shape } from '@lemmata/shape';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { reshape } from './reshape.js';
import { sum } from './sum.js';

export const BroadcastTo: OpDef<{ readonly shape: Shape }> = {
  name: 'broadcastTo',
  linearIn: [0],
  infer({ shape }, x) {
    const common = broadcastShapes('broadcastTo', x.shape, shape);
    if (!sameShape(common, shape)) {
      throw new ShapeError(
        'broadcastTo',
        [
          {
            rule: 'the input must broadcast to the shape asked for',
            hint: `Together they broadcast to [${common.join(', ')}]`,
          },
        ],
        { x: x.shape, shape },
      );
    }
    return [{ ...x, shape }];
  },
  alias({ shape }, { shape: from, strides, offset }) {
    const added = shape.length - from.length;
    return {
      shape,
      offset,
      strides: shape.map((size, axis) => (axis < added || from[axis - added] !== size ? 0 : strides[axis - added])),
    };
  },
  vjp(_attrs, [upstream], [x]) {
    return [upstream === null ? null : sumTo(upstream, x.shape)];
  },
};

/** Repeats `x` along new leading axes and along axes of size 1 until it has `shape`. A view: nothing is copied. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : apply(BroadcastTo, { shape }, [x])[0];
}

/** The adjoint of {@link broadcastTo}: sums over the axes along which `shape` was repeated. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return reshape(sum(x, { axis: broadcastAxes(shape, x.shape) }), shape);
}
