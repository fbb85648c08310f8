import { ShapeError, checkShape, formatShape, sameShape, sizeOf, type Shape } from '@lemmata/shape';
import { apply } from '../interpreter.js';
import { collapse } from '../layout.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Reshape: OpDef<{ readonly shape: Shape }> = {
  name: 'reshape',
  linearIn: [0],
  infer({ shape }, x) {
    checkShape('reshape', shape);
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError(
        'reshape',
        [{ rule: `${formatShape(shape)} has ${sizeOf(shape)} elements`, expected: sizeOf(x.shape) }],
        { x: x.shape },
      );
    }
    return [{ ...x, shape }];
  },
  alias({ shape }, input) {
    const strides = reshapeStrides(input.shape, input.strides, shape);
    return strides === null ? null : { shape, strides, offset: input.offset };
  },
  reference(_attrs, [x], [out]) {
    out.data.set(x.data);
  },
  vjp(_attrs, [upstream], [x]) {
    return [upstream === null ? null : reshape(upstream, x.shape)];
  },
};

/** Strides under which the same elements have another shape, or null where a copy is needed. */
function reshapeStrides(from: Shape, strides: readonly number[], to: Shape): number[] | null {
  const merged = collapse(from, strides);
  const out = new Array<number>(to.length).fill(0);
  if (sizeOf(from) === 0) return out;
  let axis = to.length - 1;
  for (let run = merged.shape.length - 1; run >= 0; run--) {
    let rest = merged.shape[run];
    let stride = merged.strides[0][run];
    while (rest > 1) {
      while (axis >= 0 && to[axis] === 1) axis--;
      if (axis < 0 || rest % to[axis] !== 0) return null;
      out[axis] = stride;
      stride *= to[axis];
      rest /= to[axis];
      axis--;
    }
  }
  return out;
}

/**
 * The same elements, in row-major order, under another shape. One size may be −1: it is what remains.
 * A view where the strides allow it, else a copy.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const resolved = inferSize(x.shape, shape);
  return sameShape(x.shape, resolved) ? x : apply(Reshape, { shape: resolved }, [x])[0];
}

function inferSize(from: Shape, shape: Shape): Shape {
  if (!Array.isArray(shape)) checkShape('reshape', shape);
  const open = shape.indexOf(-1);
  if (open < 0) return shape;
  const known = shape.reduce((product, n, axis) => (axis === open ? product : product * n), 1);
  if (shape.indexOf(-1, open + 1) >= 0 || known === 0 || sizeOf(from) % known !== 0) {
    throw new ShapeError(
      'reshape',
      [
        {
          rule: `one size may be -1, and the others must divide the ${sizeOf(from)} elements`,
          received: shape,
          hint: 'Write the sizes out',
        },
      ],
      { x: from },
    );
  }
  return shape.map((n, axis) => (axis === open ? sizeOf(from) / known : n));
}
