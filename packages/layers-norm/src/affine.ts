import type { Shape } from '@lemmata/shape';
import { full, ones, type Tensor, zeros } from '@lemmata/tensor';

export interface AffineParams {
  /** Ones at first; absent without `affine`. */
  readonly weight?: Tensor;
  /** Zeros at first; absent without `affine` or without `bias`. */
  readonly bias?: Tensor;
}

export function affineParams(shape: Shape, affine: boolean, bias: boolean): AffineParams {
  return { ...(affine ? { weight: ones(shape) } : {}), ...(affine && bias ? { bias: zeros(shape) } : {}) };
}

/** The same number everywhere: an operand that was left out. */
export function filled(x: Tensor, shape: Shape, value: number): Tensor {
  return full(shape, value, x.dtype);
}
