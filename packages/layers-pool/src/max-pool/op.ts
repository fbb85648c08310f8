import { poolGeometry, Problems, sameShape, type Shape, sizeOf, ValueError } from '@lemmata/shape';
import { apply, type OpDef, type Spec, type Tensor } from '@lemmata/tensor';
import { checkNumbers, pickLargest } from '../largest.js';
import { type Sliding, windows } from '../windows.js';

/** One entry for each spatial axis. */
export interface MaxPoolAttrs extends Sliding {
  /** Count a last window that overhangs. */
  readonly ceil: boolean;
}

/*
 * Max pooling picks one element of each window, so that its gradient puts the upstream gradient where the element was,
 * and the gradient of that picks again: three ops, closed under differentiation.
 */

/** x → the largest element of each window, and its flat index in the unpadded plane (int32). */
export const MaxPool: OpDef<MaxPoolAttrs> = {
  name: 'maxPool',
  infer({ kernel, stride, dilation, padding, ceil }, x) {
    const query = { input: x.shape, kernel, stride, dilation, padding, ceil };
    const shape = poolGeometry('maxPool', query).outputShape;
    checkNumbers('maxPool', x);
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int32' },
    ];
  },
  reference(attrs, [x], [values, indices]) {
    pickLargest(windows(attrs, x.shape.slice(2), values.shape.slice(2)), x, values, indices);
  },
  vjp(_attrs, [upstream], [x], [, indices]) {
    return [upstream === null ? null : unpool(upstream, indices, x.shape.slice(2))];
  },
};

/** (y, indices) → planes of sizes `size` with every element of y added at its index, and 0 elsewhere. */
export const Unpool: OpDef<{ readonly size: Shape }> = {
  name: 'unpool',
  linearIn: [0],
  infer({ size }, y, indices) {
    checkIndices('unpool', y.shape, indices);
    return [{ shape: [...y.shape.slice(0, 2), ...size], dtype: y.dtype }];
  },
  reference({ size }, [y, indices], [x]) {
    const plane = sizeOf(size);
    const count = sizeOf(y.shape.slice(2));
    const planes = y.shape[0] * y.shape[1];
    // Windows may overlap: sums are taken in float64, and rounded once.
    const sums = new Float64Array(plane);
    const values = y.data;
    const places = indices.data;
    for (let p = 0; p < planes; p++) {
      sums.fill(0);
      for (let j = p * count; j < (p + 1) * count; j++) {
        const index = places[j];
        checkIndex('unpool', index, plane);
        sums[index] += values[j];
      }
      x.data.set(sums, p * plane);
    }
  },
  vjp(_attrs, [upstream], [, indices]) {
    return [upstream === null ? null : pick(upstream, indices), null];
  },
};

/** (x, indices) → the elements of each plane of x at its indices. */
export const Pick: OpDef = {
  name: 'pick',
  linearIn: [0],
  infer(_attrs, x, indices) {
    checkIndices('pick', [...x.shape.slice(0, 2), ...indices.shape.slice(2)], indices);
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  reference(_attrs, [x, indices], [y]) {
    const plane = sizeOf(x.shape.slice(2));
    const count = sizeOf(indices.shape.slice(2));
    const planes = x.shape[0] * x.shape[1];
    for (let p = 0; p < planes; p++) {
      const to = p * count;
      for (let j = 0; j < count; j++) {
        const index = indices.data[to + j];
        checkIndex('pick', index, plane);
        y.data[to + j] = x.data[p * plane + index];
      }
    }
  },
  vjp(_attrs, [upstream], [x, indices]) {
    return [upstream === null ? null : unpool(upstream, indices, x.shape.slice(2)), null];
  },
};

/** Adds each element of y at its index in planes of sizes `size`; equal indices add up. The adjoint of {@link pick}. */
export function unpool(y: Tensor, indices: Tensor, size: Shape): Tensor {
  return apply(Unpool, { size }, [y, indices])[0];
}

/** The elements of each plane of x at the indices, which are flat in the plane. */
export function pick(x: Tensor, indices: Tensor): Tensor {
  return apply(Pick, {}, [x, indices])[0];
}

function checkIndices(op: string, expected: Shape, indices: Spec): void {
  const problems = new Problems(op);
  if (indices.dtype !== 'int32') problems.add({ rule: 'indices must be int32', received: indices.dtype });
  if (!sameShape(indices.shape, expected) || expected.length < 3) {
    problems.add({
      rule: 'indices must be [N, C, ...spatial], with N and C of the values',
      received: indices.shape,
      expected,
    });
  }
  problems.throwIfAny();
}

function checkIndex(op: string, index: number, plane: number): void {
  if (!(index >= 0 && index < plane)) throw outsidePlane(op, index, plane);
}

export function outsidePlane(op: string, index: number, plane: number): ValueError {
  return new ValueError(op, `index ${index} lies outside a plane of ${plane} elements`);
}
