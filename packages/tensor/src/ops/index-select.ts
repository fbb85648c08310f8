import { normalizeAxis, OptionError, ShapeError, sameShape, sizeOf, type Shape } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { DType } from '../spec.js';
import type { Tensor } from '../tensor.js';
import { indexTensor, outOfRange, type Indices } from './index-tensor.js';
import { reshape } from './reshape.js';

export const IndexSelect: OpDef<{ readonly axis: number }> = {
  name: 'indexSelect',
  linearIn: [0],
  infer({ axis }, x, indices) {
    return [{ shape: selectedShape(x.shape, axis, indices.shape), dtype: x.dtype }];
  },
  reference({ axis }, [x, indices], [out]) {
    const size = x.shape[axis];
    const count = indices.data.length;
    const block = sizeOf(x.shape.slice(axis + 1));
    const outer = sizeOf(x.shape.slice(0, axis));
    for (let o = 0, to = 0; o < outer; o++) {
      for (let i = 0; i < count; i++) {
        const at = indices.data[i];
        if (at < 0 || at >= size) throw outOfRange('indexSelect', at, axis, size);
        for (let from = (o * size + at) * block, end = from + block; from < end; from++, to++)
          out.data[to] = x.data[from];
      }
    }
  },
  vjp({ axis }, [upstream], [x, indices]) {
    return [upstream === null ? null : apply(IndexAdd, { axis, size: x.shape[axis] }, [upstream, indices])[0], null];
  },
};

/** The adjoint of {@link IndexSelect}: zeros with `size` slices along the axis, to which each slice is added at its index. */
export const IndexAdd: OpDef<{ readonly axis: number; readonly size: number }> = {
  name: 'indexAdd',
  linearIn: [0],
  infer({ axis, size }, x, indices) {
    const behind = axis + indices.shape.length;
    if (!sameShape(x.shape.slice(axis, behind), indices.shape)) {
      throw new ShapeError('indexAdd', [{ rule: 'from the axis on, the source has the axes of the indices', axis }], {
        source: x.shape,
        indices: indices.shape,
      });
    }
    return [{ shape: [...x.shape.slice(0, axis), size, ...x.shape.slice(behind)], dtype: x.dtype }];
  },
  reference({ axis, size }, [x, indices], [out]) {
    const count = indices.data.length;
    const block = sizeOf(out.shape.slice(axis + 1));
    const outer = sizeOf(out.shape.slice(0, axis));
    out.data.fill(0);
    for (let o = 0, from = 0; o < outer; o++) {
      for (let i = 0; i < count; i++) {
        const at = indices.data[i];
        if (at < 0 || at >= size) throw outOfRange('indexAdd', at, axis, size);
        for (let to = (o * size + at) * block, end = to + block; to < end; from++, to++) out.data[to] += x.data[from];
      }
    }
  },
  vjp({ axis }, [upstream], [, indices]) {
    return [upstream === null ? null : apply(IndexSelect, { axis }, [upstream, indices])[0], null];
  },
};

function selectedShape(shape: Shape, axis: number, indices: Shape): Shape {
  return [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)];
}

/**
 * The slices of `x` at these positions of an axis, in their order. The axis becomes the axes of the indices: a list of K
 * gives K slices, a matrix of token numbers gives a matrix of embeddings. A position may occur many times, and
 * the gradients of its slices add up.
 *
 * @throws ValueError for an index that is out of range; negative ones are.
 */
export function indexSelect(x: Tensor, axis: number, indices: Indices): Tensor {
  const t = asTensor(x, 'indexSelect');
  const at = indexTensor('indexSelect', indices);
  const along = normalizeAxis('indexSelect', axis, t.rank);
  if (t.rank === 0) {
    if (at.size !== 1) {
      throw new ShapeError('indexSelect', [{ rule: 'a scalar is indexed by one index', received: at.size }]);
    }
    return reshape(indexSelect(reshape(t, [1]), 0, reshape(at, [1])), []);
  }
  return apply(IndexSelect, { axis: along }, [t, at])[0];
}

export const OneHot: OpDef<{ readonly size: number; readonly dtype: DType }> = {
  name: 'oneHot',
  infer({ size, dtype }, indices) {
    return [{ shape: [...indices.shape, size], dtype }];
  },
  reference({ size }, [indices], [out]) {
    out.data.fill(0);
    for (let i = 0; i < indices.data.length; i++) {
      const at = indices.data[i];
      if (at < 0 || at >= size) throw outOfRange('oneHot', at, indices.shape.length, size);
      out.data[i * size + at] = 1;
    }
  },
};

/**
 * A new last axis of `size` with 1 at the index and 0 elsewhere. Without a size, one more than the largest index, for which the
 * indices are read: not inside of `compile`. Default dtype float32.
 *
 * @throws ValueError for an index that is out of range; OptionError for no indices without a size.
 */
export function oneHot(indices: Indices, size?: number, dtype: DType = 'float32'): Tensor {
  if (size === undefined) {
    const read = indexTensor('oneHot', indices);
    if (read.size === 0) throw new OptionError('oneHot', ['without indices the size must be given']);
    let largest = 0;
    for (const index of read.dataSync()) largest = Math.max(largest, index);
    return oneHot(read, largest + 1, dtype);
  }
  if (!Number.isInteger(size) || size < 0)
    throw new RangeError(`oneHot: size is a non-negative integer, received ${String(size)}`);
  return apply(OneHot, { size, dtype }, [indexTensor('oneHot', indices)])[0];
}
