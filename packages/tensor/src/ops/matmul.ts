import { broadcastShapes, Problems, ShapeError, formatShape, sameShape, sizeOf } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import { collapse, type View } from '../layout.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { mul } from './arithmetic.js';
import { broadcastTo } from './broadcast-to.js';
import { cast } from './cast.js';
import { toOneDType } from './dtypes.js';
import { gemm, type MatrixView } from './gemm.js';
import { transpose } from './permute.js';
import { offsets } from './offsets.js';
import { reshape } from './reshape.js';

/** [..., M, K] · [..., K, N] → [..., M, N], with equal leading axes and dtypes. Both inputs may be any views. */
export const Matmul: OpDef = {
  name: 'matmul',
  linearIn: [0, 1],
  strided: true,
  multiplyAdds: (_attrs, [a], [out]) => sizeOf(out.shape) * a.shape[a.shape.length - 1],
  infer(_attrs, a, b) {
    const problems = new Problems('matmul');
    const [m, k] = a.shape.slice(-2);
    const [rows, n] = b.shape.slice(-2);
    const batch = a.shape.slice(0, -2);
    if (a.shape.length < 2 || b.shape.length < 2)
      problems.add({ rule: 'the op multiplies matrices: both inputs have at least 2 axes' });
    else {
      if (k !== rows) problems.add(innerSizes(k, rows));
      if (!sameShape(batch, b.shape.slice(0, -2)))
        problems.add({ rule: 'the axes before the matrices are equal', hint: 'Broadcast them first' });
    }
    problems.throwIfAny({ a: a.shape, b: b.shape });
    if (a.dtype !== b.dtype || a.dtype === 'bool') {
      throw new TypeError(
        `matmul: the inputs have one dtype, a number's; received ${a.dtype} and ${b.dtype}; cast them`,
      );
    }
    return [{ shape: [...batch, m, n], dtype: a.dtype }];
  },
  reference(_attrs, [a, b], [out]) {
    const [m, k] = a.shape.slice(-2);
    const n = b.shape[b.shape.length - 1];
    if (sizeOf(out.shape) === 0) return;
    const {
      shape,
      strides: [as, bs],
    } = collapse(a.shape.slice(0, -2), a.strides.slice(0, -2), b.strides.slice(0, -2));
    const aStarts = offsets(shape, as);
    const bStarts = offsets(shape, bs);
    for (let i = 0; i < aStarts.length; i++) {
      gemm(m, n, k, matrix(a, aStarts[i]), matrix(b, bStarts[i]), matrix(out, i * m * n));
    }
  },
  vjp(_attrs, [upstream], [a, b], _outputs, wants) {
    if (upstream === null) return [null, null];
    return [wants[0] ? matmul(upstream, transpose(b)) : null, wants[1] ? matmul(transpose(a), upstream) : null];
  },
};

function matrix({ data, offset, strides }: View, start: number): MatrixView {
  return {
    data,
    offset: offset + start,
    rowStride: strides[strides.length - 2],
    columnStride: strides[strides.length - 1],
  };
}

function innerSizes(k: number, rows: number): { rule: string; hint: string } {
  return {
    rule: `the last axis of a has ${k} elements, but the axis of b that it is multiplied along has ${rows}`,
    hint: 'Use [..., M, K] · [..., K, N]; transpose(b) if b is [..., N, K]',
  };
}

/**
 * Matrix product. For matrices [M, K] · [K, N] → [M, N]; further leading axes are a batch and broadcast. A vector on
 * the left counts as [1, K], on the right as [K, 1], and its axis is missing in the result: [K] · [K] is a scalar.
 *
 * Mixed dtypes are promoted; truth values count as int32. Sums are taken in float64 and rounded once; int32 results are
 * exact below 2^53 and then wrap.
 *
 * @throws ShapeError if the inner sizes differ, the batches do not broadcast, or an input is a scalar.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.matmul.html
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const [left, right] = sameDType(asTensor(a, 'matmul'), asTensor(b, 'matmul'));
  checkOperands(left, right);
  const x = left.rank === 1 ? reshape(left, [1, ...left.shape]) : left;
  const y = right.rank === 1 ? reshape(right, [...right.shape, 1]) : right;
  const product = matrices(x, y);
  if (left.rank > 1 && right.rank > 1) return product;
  const batch = product.shape.slice(0, -2);
  return reshape(product, [
    ...batch,
    ...(left.rank > 1 ? [x.shape[x.rank - 2]] : []),
    ...(right.rank > 1 ? [y.shape[y.rank - 1]] : []),
  ]);
}

function matrices(a: Tensor, b: Tensor): Tensor {
  const [m, k] = a.shape.slice(-2);
  const n = b.shape[b.rank - 1];
  if (a.rank > 2 && b.rank === 2) {
    // One b for the whole batch: a single product of tall matrices, whose gradient needs no sum over the batch.
    const tall = reshape(a, [sizeOf(a.shape.slice(0, -1)), k]);
    return reshape(apply(Matmul, NO_ATTRS, [tall, b])[0], [...a.shape.slice(0, -1), n]);
  }
  const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  return apply(Matmul, NO_ATTRS, [broadcastTo(a, [...batch, m, k]), broadcastTo(b, [...batch, k, n])])[0];
}

function sameDType(a: Tensor, b: Tensor): Tensor[] {
  return toOneDType([a, b]).map((t) => (t.dtype === 'bool' ? cast(t, 'int32') : t));
}

function checkOperands(a: Tensor, b: Tensor): void {
  const shapes = { a: a.shape, b: b.shape };
  if (a.rank === 0 || b.rank === 0) {
    throw new ShapeError('matmul', [{ rule: 'a scalar has no rows or columns', hint: 'Use mul to scale' }], shapes);
  }
  const k = a.shape[a.rank - 1];
  const rows = b.shape[Math.max(0, b.rank - 2)];
  if (k !== rows) throw new ShapeError('matmul', [innerSizes(k, rows)], shapes);
}

/**
 * {@link matmul} of two batches of matrices of equal number, and of nothing else: [B, M, K] · [B, K, N] → [B, M, N].
 *
 * @throws ShapeError for other ranks, and where matmul would broadcast.
 */
export function bmm(a: Tensor, b: Tensor): Tensor {
  const [left, right] = sameDType(asTensor(a, 'bmm'), asTensor(b, 'bmm'));
  const problems = new Problems('bmm');
  const hint = 'matmul broadcasts, and takes vectors and any number of leading axes';
  if (left.rank !== 3 || right.rank !== 3)
    problems.add({ rule: 'both inputs are batches of matrices, with 3 axes', hint });
  else {
    if (left.shape[0] !== right.shape[0])
      problems.add({ rule: 'both batches have as many matrices', received: [left.shape[0], right.shape[0]], hint });
    if (left.shape[2] !== right.shape[1]) problems.add(innerSizes(left.shape[2], right.shape[1]));
  }
  problems.throwIfAny({ a: left.shape, b: right.shape });
  return apply(Matmul, NO_ATTRS, [left, right])[0];
}

/** Σ a · b of two vectors of equal length. */
export function dot(a: Tensor, b: Tensor): Tensor {
  checkVectors('dot', a, b);
  return matmul(a, b);
}

/** Every product of an element of the vector a, by rows, and one of the vector b: [M], [N] → [M, N]. */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkVectors('outer', a, b);
  return mul(reshape(a, [a.size, 1]), b);
}

function checkVectors(op: string, a: Tensor, b: Tensor): void {
  const [x, y] = [asTensor(a, op), asTensor(b, op)];
  if (x.rank !== 1 || y.rank !== 1) {
    throw new ShapeError(op, [
      {
        rule: 'both inputs must be vectors',
        received: `${formatShape(x.shape)} and ${formatShape(y.shape)}`,
        hint: 'Use matmul or einsum for more axes',
      },
    ]);
  }
}
