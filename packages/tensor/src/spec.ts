import { formatShape, type Shape } from '@lemmata/shape';

/** Element types. `bool` is stored as one byte, 0 or 1. */
export type DType = 'float32' | 'float64' | 'int32' | 'bool';

/** What is known of a tensor without its values. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
  /**
   * A plain number that became a tensor: it takes the dtype of whatever it meets, so that `mul(x, 0.1)`
   * keeps the dtype of `x`, in a compiled program as in eager code. Weak values are float64 until then.
   */
  readonly weak?: true;
}

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

export const BYTES_PER_ELEMENT: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 };

/** A typed array of zeros for a dtype; truth values take a byte each. */
export function createArray(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'bool':
      return new Uint8Array(length);
  }
}

/** An array of `length` elements over memory that is there already. */
export function arrayOver(
  dtype: DType,
  memory: { readonly buffer: ArrayBufferLike; readonly byteOffset: number },
  length: number,
): TypedArray {
  const { buffer, byteOffset } = memory;
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, length);
    case 'float64':
      return new Float64Array(buffer, byteOffset, length);
    case 'int32':
      return new Int32Array(buffer, byteOffset, length);
    case 'bool':
      return new Uint8Array(buffer, byteOffset, length);
  }
}

/** True of float32 and float64. */
export function isFloat(dtype: DType): dtype is 'float32' | 'float64' {
  return dtype === 'float32' || dtype === 'float64';
}

/** Promotion order of mixed arithmetic: bool < int32 < float32 < float64. */
const ORDER: readonly DType[] = ['bool', 'int32', 'float32', 'float64'];

/** What two dtypes become when they meet: the later of bool, int32, float32, float64. */
export function promote(a: DType, b: DType): DType {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}

/** For messages: `float32[64, 6, 28, 28]`. */
export function formatSpec(spec: Spec): string {
  return `${spec.dtype}${formatShape(spec.shape)}`;
}

/** True of equal dtypes and shapes. */
export function sameSpec(a: Spec, b: Spec): boolean {
  return a.dtype === b.dtype && a.shape.length === b.shape.length && a.shape.every((n, i) => n === b.shape[i]);
}
