import { Problems, type Shape } from '@lemmata/shape';
import {
  add,
  apply,
  gemm,
  isFloat,
  matmul,
  mul,
  NO_ATTRS,
  type OpDef,
  sub,
  type Tensor,
  transpose,
  type View,
} from '@lemmata/tensor';
import { compose, symmetricEigen } from './symmetric-eigen.js';

/*
 * The gradient of Σ^(−1/2) without the eigenvalue differences 1 / (λᵢ − λⱼ) that are infinite where eigenvalues repeat.
 * With S = Σ^(1/2) and W = S⁻¹: S dS + dS S = dΣ and dW = −W dS W. Both maps are their own transposes, so that an upstream U of
 * W becomes −W U W for S, and the solution Y of S Y + Y S = −W U W for Σ. In the basis of eigenvectors that divides by sums of
 * roots, √λᵢ + √λⱼ: it is the divided difference of λ^(−1/2), −1 / (√λᵢ √λⱼ (√λᵢ + √λⱼ)), written so that nothing cancels.
 */

export interface CovarianceRootsAttrs {
  /** Added to every eigenvalue. */
  readonly eps: number;
}

/**
 * Σ [..., d, d], symmetric and positive semi-definite → (Σ + ε)^(1/2) and (Σ + ε)^(−1/2), symmetric, computed in float64. It
 * reads the symmetric part of Σ; eigenvalues that rounding made negative count as 0.
 */
export const CovarianceRoots: OpDef<CovarianceRootsAttrs> = {
  name: 'covarianceRoots',
  infer(_attrs, covariance) {
    checkSquare('covarianceRoots', { covariance });
    return [covariance, covariance];
  },
  reference({ eps }, [covariance], [root, inverse]) {
    for (const { at, matrix, size } of symmetricParts(covariance)) {
      const eigen = symmetricEigen(matrix, size);
      const shifted = { ...eigen, values: eigen.values.map((value) => Math.max(value, 0) + eps) };
      root.data.set(compose(shifted, Math.sqrt), at);
      inverse.data.set(
        compose(shifted, (value) => 1 / Math.sqrt(value)),
        at,
      );
    }
  },
  vjp(_attrs, [ofRoot, ofInverse], _inputs, [root, inverse]) {
    const through = ofInverse && matmul(matmul(inverse, ofInverse), inverse);
    if (through === null) return [ofRoot && symmetric(lyapunov(root, ofRoot))];
    const upstream = ofRoot === null ? mul(through, -1) : sub(ofRoot, through);
    return [symmetric(lyapunov(root, upstream))];
  },
};

/**
 * (S [..., d, d], V [..., d, d]) → the solution Y of S Y + Y S = V for symmetric positive definite S, of which the symmetric part
 * is read; computed in float64.
 */
export const Lyapunov: OpDef = {
  name: 'lyapunov',
  linearIn: [1],
  infer(_attrs, matrix, right) {
    checkSquare('lyapunov', { matrix, right });
    return [right];
  },
  reference(_attrs, [matrix, right], [out]) {
    for (const { at, matrix: a, size } of symmetricParts(matrix)) {
      const { values, vectors } = symmetricEigen(a, size);
      const given = Float64Array.from(right.data.subarray(at, at + size * size));
      const inner = multiply(size, multiply(size, vectors, given, true, false), vectors, false, false);
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) inner[i * size + j] /= values[i] + values[j];
      out.data.set(multiply(size, multiply(size, vectors, inner, false, false), vectors, false, true), at);
    }
  },
  // The solution is linear in V by a symmetric map, T = L⁻¹(U); and L dY = −(dS Y + Y dS).
  vjp(_attrs, [upstream], [matrix], [solution], wants) {
    if (upstream === null) return [null, null];
    const back = lyapunov(matrix, upstream);
    const y = transpose(solution);
    const ofMatrix = (): Tensor => mul(symmetric(add(matmul(back, y), matmul(y, back))), -1);
    return [wants[0] ? ofMatrix() : null, wants[1] ? back : null];
  },
};

function lyapunov(matrix: Tensor, right: Tensor): Tensor {
  return apply(Lyapunov, NO_ATTRS, [matrix, right])[0];
}

function symmetric(t: Tensor): Tensor {
  return mul(add(t, transpose(t)), 0.5);
}

function checkSquare(
  op: string,
  operands: Readonly<Record<string, { readonly shape: Shape; readonly dtype: string }>>,
) {
  const problems = new Problems(op);
  const specs = Object.entries(operands);
  const [, first] = specs[0];
  for (const [name, { shape, dtype }] of specs) {
    const [rows, columns] = shape.slice(-2);
    if (shape.length < 2 || rows !== columns) problems.add({ rule: `${name} must be [..., d, d]`, received: shape });
    if (String(shape) !== String(first.shape))
      problems.add({ rule: `${name} must have the shape of the first input`, received: shape, expected: first.shape });
    if (!isFloat(dtype as 'float32') || dtype !== first.dtype)
      problems.add({ rule: 'inputs must be all float32, or all float64', received: dtype, hint: 'Convert with cast' });
  }
  problems.throwIfAny();
}

/** (A + Aᵀ) / 2 of each matrix, and where it begins. */
function symmetricParts({ shape, data }: View): { at: number; matrix: Float64Array; size: number }[] {
  const size = shape[shape.length - 1];
  const count = size === 0 ? 0 : data.length / (size * size);
  return Array.from({ length: count }, (_, m) => {
    const at = m * size * size;
    const matrix = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) matrix[i * size + j] = (data[at + i * size + j] + data[at + j * size + i]) / 2;
    }
    return { at, matrix, size };
  });
}

/** The product of two square matrices, each transposed or not. */
function multiply(
  size: number,
  a: Float64Array,
  b: Float64Array,
  transposeA: boolean,
  transposeB: boolean,
): Float64Array {
  const data = new Float64Array(size * size);
  const view = (values: Float64Array, turned: boolean) => ({
    data: values,
    offset: 0,
    rowStride: turned ? 1 : size,
    columnStride: turned ? size : 1,
  });
  gemm(size, size, size, view(a, transposeA), view(b, transposeB), view(data, false));
  return data;
}
