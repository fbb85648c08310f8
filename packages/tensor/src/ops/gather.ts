import { contiguousStrides, normalizeAxis, Problems, type Shape } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { View } from '../layout.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { add } from './arithmetic.js';
import { indexTensor, outOfRange, type Indices } from './index-tensor.js';
import { offsets } from './offsets.js';
import { slice } from './slice.js';

export const Gather: OpDef<{ readonly axis: number }> = {
  name: 'gather',
  linearIn: [0],
  infer({ axis }, x, index) {
    checkIndexShape('gather', axis, x.shape, index.shape);
    return [{ shape: index.shape, dtype: x.dtype }];
  },
  reference({ axis }, [x, index], [out]) {
    const from = places('gather', axis, x.shape, index);
    for (let i = 0; i < from.length; i++) out.data[i] = x.data[from[i]];
  },
  vjp({ axis }, [upstream], [x, index]) {
    return [upstream === null ? null : apply(Scatter, { axis, shape: x.shape }, [upstream, index])[0], null];
  },
};

/** The adjoint of {@link Gather}: zeros of `shape` to which each element of the first input is added at its index. */
export const Scatter: OpDef<{ readonly axis: number; readonly shape: Shape }> = {
  name: 'scatter',
  linearIn: [0],
  infer({ axis, shape }, x, index) {
    checkIndexShape('scatter', axis, shape, index.shape);
    return [{ shape, dtype: x.dtype }];
  },
  reference({ axis, shape }, [x, index], [out]) {
    out.data.fill(0);
    const to = places('scatter', axis, shape, index);
    for (let i = 0; i < to.length; i++) out.data[to[i]] += x.data[i];
  },
  vjp({ axis }, [upstream], [, index]) {
    return [upstream === null ? null : apply(Gather, { axis }, [upstream, index])[0], null];
  },
};

/** For each index, the place in a packed array of `shape` of the element that it names. */
function places(op: string, axis: number, shape: Shape, index: View): Float64Array {
  const strides = contiguousStrides(shape);
  const size = shape[axis];
  const stride = strides[axis];
  const out = offsets(index.shape, strides.with(axis, 0));
  for (let i = 0; i < out.length; i++) {
    const at = index.data[i];
    if (at < 0 || at >= size) throw outOfRange(op, at, axis, size);
    out[i] += at * stride;
  }
  return out;
}

function checkIndexShape(op: string, axis: number, shape: Shape, index: Shape): void {
  const problems = new Problems(op);
  if (index.length !== shape.length) problems.add({ rule: `the index has ${index.length} axes, but the tensor ${shape.length}`, hint: 'Use indexSelect to take whole slices by a list of indices' });
  else {
    index.forEach((n, a) => {
      if (a !== axis && n > shape[a]) problems.add({ rule: `the index is longer than the tensor along another axis than the one indexed`, axis: a, received: n, expected: `at most ${shape[a]}` });
    });
  }
  problems.throwIfAny({ tensor: shape, index });
}

/**
 * Elements named along one axis: out[i][j][k] = x[i][index[i][j][k]][k] for axis 1. The index may be shorter than `x` along
 * the other axes. Indices count from 0; an index may occur many times, and the gradients of its elements add up.
 *
 * @throws RangeError for an index that is out of range.
 * Source: https://pytorch.org/docs/stable/generated/torch.gather.html
 */
export function gather(x: Tensor, axis: number, index: Indices): Tensor {
  const t = asTensor(x, 'gather');
  return apply(Gather, { axis: normalizeAxis('gather', axis, t.rank) }, [t, indexTensor('gather', index)])[0];
}

/** {@link gather}, with the arguments in NumPy's order. */
export function takeAlongAxis(x: Tensor, indices: Indices, axis: number): Tensor {
  return gather(x, axis, indices);
}

/**
 * `x` to which elements of `source` are added at the places that {@link gather} would read with this index: for axis 0
 * x[index[i][j]][j] += source[i][j]. Elements added to one place add up. `source` may be longer than the index; the rest
 * is not used.
 *
 * @throws RangeError for an index that is out of range.
 * Source: https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html
 */
export function scatterAdd(x: Tensor, axis: number, index: Indices, source: Tensor): Tensor {
  const t = asTensor(x, 'scatterAdd');
  const src = asTensor(source, 'scatterAdd');
  const at = indexTensor('scatterAdd', index);
  const problems = new Problems('scatterAdd');
  if (src.rank !== at.rank) problems.add({ rule: `the source has ${src.rank} axes, but the index ${at.rank}` });
  else {
    at.shape.forEach((n, a) => {
      if (n > src.shape[a]) problems.add({ rule: 'the index is longer than the source', axis: a, received: n, expected: `at most ${src.shape[a]}` });
    });
  }
  problems.throwIfAny({ x: t.shape, index: at.shape, source: src.shape });
  const used = slice(src, at.shape.map((n) => [0, n]));
  return add(t, apply(Scatter, { axis: normalizeAxis('scatterAdd', axis, t.rank), shape: t.shape }, [used, at])[0]);
}
