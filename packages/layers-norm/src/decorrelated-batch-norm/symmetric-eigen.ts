/** A = V · diag(values) · Vᵀ. */
export interface SymmetricEigen {
  /** In no order. */
  readonly values: Float64Array;
  /** Row-major; column k belongs to value k, up to its sign. */
  readonly vectors: Float64Array;
}

/** Jacobi needs about log₂ of the digits after a few linear sweeps: six to ten for any matrix of practical size. */
const SWEEPS = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, of which the upper triangle is read, by Jacobi's method: rotations that
 * each make one pair of elements 0, in sweeps over all pairs. Repeated eigenvalues are no special case. Off-diagonal elements
 * are small when they are against their own diagonal ones, so that small eigenvalues of a definite matrix keep their digits.
 * NaN or ∞ anywhere gives NaN everywhere.
 *
 * Source: Golub & Van Loan, Matrix Computations, §8.5; Demmel & Veselić 1992, https://doi.org/10.1137/0613074.
 */
export function symmetricEigen(matrix: ArrayLike<number>, size: number): SymmetricEigen {
  const a = new Float64Array(size * size);
  const vectors = new Float64Array(size * size);
  let finite = true;
  for (let i = 0; i < size; i++) {
    vectors[i * size + i] = 1;
    for (let j = i; j < size; j++) {
      const value = matrix[i * size + j];
      a[i * size + j] = a[j * size + i] = value;
      finite &&= Number.isFinite(value);
    }
  }
  if (!finite) return { values: new Float64Array(size).fill(NaN), vectors: vectors.fill(NaN) };
  for (let sweep = 0, rotated = true; rotated && sweep < SWEEPS; sweep++) {
    rotated = false;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const apq = a[p * size + q];
        const [app, aqq] = [a[p * size + p], a[q * size + q]];
        if (apq === 0 || Math.abs(apq) <= 2 ** -53 * Math.sqrt(Math.abs(app)) * Math.sqrt(Math.abs(aqq))) continue;
        rotated = true;
        // t = tan θ is the smaller root of t² + 2 t cot 2θ = 1.
        const cot = (aqq - app) / (2 * apq);
        const t = (cot < 0 ? -1 : 1) / (Math.abs(cot) + Math.hypot(1, cot));
        const c = 1 / Math.hypot(1, t);
        rotate(a, vectors, size, p, q, c, t * c);
        a[p * size + p] = app - t * apq;
        a[q * size + q] = aqq + t * apq;
        a[p * size + q] = a[q * size + p] = 0;
      }
    }
  }
  return { values: Float64Array.from({ length: size }, (_, i) => a[i * size + i]), vectors };
}

/** A ← JᵀAJ but for the elements at p and q themselves, V ← VJ, for the rotation J by (c, s) in the plane of p and q. */
function rotate(
  a: Float64Array,
  vectors: Float64Array,
  size: number,
  p: number,
  q: number,
  c: number,
  s: number,
): void {
  for (let k = 0; k < size; k++) {
    const [vp, vq] = [vectors[k * size + p], vectors[k * size + q]];
    vectors[k * size + p] = c * vp - s * vq;
    vectors[k * size + q] = s * vp + c * vq;
    if (k === p || k === q) continue;
    const [akp, akq] = [a[k * size + p], a[k * size + q]];
    a[k * size + p] = a[p * size + k] = c * akp - s * akq;
    a[k * size + q] = a[q * size + k] = s * akp + c * akq;
  }
}

/** V · diag(f(values)) · Vᵀ, row-major and symmetric to the bit. The signs of eigenvectors do not matter: each occurs twice. */
export function compose({ values, vectors }: SymmetricEigen, f: (value: number) => number): Float64Array {
  const size = values.length;
  const scaled = values.map(f);
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      let total = 0;
      for (let k = 0; k < size; k++) total += vectors[i * size + k] * scaled[k] * vectors[j * size + k];
      out[i * size + j] = out[j * size + i] = total;
    }
  }
  return out;
}
