import { contiguousStrides, normalizeAxis, Problems, type Shape } from '@lemmata/shape';
import { asTensor, type TensorLike } from '../create.js';
import { apply } from '../interpreter.js';
import type { View } from '../layout.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { add } from './arithmetic.js';
import { ge } from './comparison.js';
import { indexSelect } from './index-select.js';
import { indexTensor, outOfRange, type Indices } from './index-tensor.js';
import { offsets } from './offsets.js';
import { reshape } from './reshape.js';
import { maximum, where } from './select.js';
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
    return [upstream === null ? null : apply(ScatterAdd, { axis, shape: x.shape }, [upstream, index])[0], null];
  },
};

/** The adjoint of {@link Gather}: zeros of `shape` to which each element of the first input is added at its index. */
export const ScatterAdd: OpDef<{ readonly axis: number; readonly shape: Shape }> = {
  name: 'scatterAdd',
  linearIn: [0],
  infer({ axis, shape }, x, index) {
    checkIndexShape('scatterAdd', axis, shape, index.shape);
    return [{ shape, dtype: x.dtype }];
  },
  reference({ axis, shape }, [x, index], [out]) {
    out.data.fill(0);
    const to = places('scatterAdd', axis, shape, index);
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
  if (index.length !== shape.length)
    problems.add({
      rule: `the index has ${index.length} axes, but the tensor ${shape.length}`,
      hint: 'Use indexSelect to take whole slices by a list of indices',
    });
  else {
    index.forEach((n, a) => {
      if (a !== axis && n > shape[a])
        problems.add({
          rule: `the index is longer than the tensor along another axis than the one indexed`,
          axis: a,
          received: n,
          expected: `at most ${shape[a]}`,
        });
    });
  }
  problems.throwIfAny({ tensor: shape, index });
}

/**
 * Elements named along one axis: out[i][j][k] = x[i][index[i][j][k]][k] for axis 1. The index may be shorter than `x` along
 * the other axes. Indices count from 0; an index may occur many times, and the gradients of its elements add up.
 *
 * @throws ValueError for an index that is out of range.
 * Source: https://pytorch.org/docs/stable/generated/torch.gather.html
 */
export function gather(x: Tensor, axis: number, index: Indices): Tensor {
  const t = asTensor(x, 'gather');
  const at = indexTensor('gather', index);
  const along = normalizeAxis('gather', axis, t.rank);
  if (t.rank === 0) return reshape(gather(reshape(t, [1]), 0, reshape(at, [at.size])), at.shape);
  return apply(Gather, { axis: along }, [t, at])[0];
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
 * @throws ValueError for an index that is out of range.
 * Source: https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html
 */
export function scatterAdd(x: Tensor, axis: number, index: Indices, source: Tensor): Tensor {
  const t = asTensor(x, 'scatterAdd');
  const src = asTensor(source, 'scatterAdd');
  const at = indexTensor('scatterAdd', index);
  const along = normalizeAxis('scatterAdd', axis, t.rank);
  if (t.rank === 0) {
    return reshape(scatterAdd(reshape(t, [1]), 0, reshape(at, [at.size]), reshape(src, [src.size])), []);
  }
  const used = usedSource('scatterAdd', at, src);
  return add(t, apply(ScatterAdd, { axis: along, shape: t.shape }, [used, at])[0]);
}

/** The part of a source that an index uses: as long as the index along every axis. */
function usedSource(op: string, index: Tensor, source: Tensor): Tensor {
  const problems = new Problems(op);
  if (source.rank !== index.rank)
    problems.add({ rule: `the source has ${source.rank} axes, but the index ${index.rank}` });
  else {
    index.shape.forEach((n, a) => {
      if (n > source.shape[a])
        problems.add({
          rule: 'the index is longer than the source',
          axis: a,
          received: n,
          expected: `at most ${source.shape[a]}`,
        });
    });
  }
  problems.throwIfAny({ index: index.shape, source: source.shape });
  return slice(
    source,
    index.shape.map((n) => [0, n]),
  );
}

/** For each place of `shape`, which entry of the index names it, counted in row-major order: the last one; −1 if none does. */
export const LastToWrite: OpDef<{ readonly axis: number; readonly shape: Shape }> = {
  name: 'scatter',
  infer({ axis, shape }, index) {
    checkIndexShape('scatter', axis, shape, index.shape);
    return [{ shape, dtype: 'int32' }];
  },
  reference({ axis, shape }, [index], [out]) {
    out.data.fill(-1);
    const to = places('scatter', axis, shape, index);
    for (let i = 0; i < to.length; i++) out.data[to[i]] = i;
  },
};

/**
 * `x` in which elements of `source`, or one number, replace those that {@link gather} would read with this index. Where an
 * index occurs several times the last in row-major order stays, and it alone has a gradient. Otherwise as {@link scatterAdd}.
 *
 * @throws ValueError for an index that is out of range.
 */
export function scatter(x: Tensor, axis: number, index: Indices, source: TensorLike): Tensor {
  const t = asTensor(x, 'scatter');
  const at = indexTensor('scatter', index);
  const along = normalizeAxis('scatter', axis, t.rank);
  if (t.rank === 0) {
    const values = typeof source === 'number' ? source : reshape(source, [source.size]);
    return reshape(scatter(reshape(t, [1]), 0, reshape(at, [at.size]), values), []);
  }
  const used = typeof source === 'number' ? null : usedSource('scatter', at, asTensor(source, 'scatter'));
  const writer = apply(LastToWrite, { axis: along, shape: t.shape }, [at])[0];
  const written = ge(writer, 0);
  if (used === null) return where(written, source, t);
  if (used.size === 0) return t;
  return where(written, indexSelect(reshape(used, [used.size]), 0, maximum(writer, 0)), t);
}
