import { BYTES_PER_ELEMENT, type Layout, type DType, type View } from '@lemmata/tensor';

/** A view as kernels see it: where in memory its first element is, in bytes, and its strides, in elements. */
export interface Placed extends Omit<Layout, 'offset'> {
  readonly dtype: DType;
  readonly at: number;
}

/** A view of WebAssembly memory. */
export function placed({ data, offset, shape, strides, dtype }: View): Placed {
  return { shape, strides, dtype, at: data.byteOffset + offset * BYTES_PER_ELEMENT[dtype] };
}
