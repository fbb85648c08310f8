import { contiguousStrides, sizeOf, type Shape } from '@lemmata/shape';
import { createArray, type DType, type Spec, type TypedArray } from './spec.js';

/** Where the elements of a tensor lie in its storage, in elements: `offset + Σ indexᵢ · stridesᵢ`. */
export interface Layout {
  readonly shape: Shape;
  /** May be 0 (broadcast) or negative (flip). */
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Elements as a kernel sees them. A packed view has row-major strides and offset 0. */
export interface View extends Layout {
  readonly dtype: DType;
  readonly data: TypedArray;
}

/** Row-major from offset 0, without gaps. */
export function packedLayout(shape: Shape): Layout {
  return { shape, strides: contiguousStrides(shape), offset: 0 };
}

/** An array as the elements of a shape, row-major. */
export function packedView(spec: Spec, data: TypedArray): View {
  return { shape: spec.shape, strides: contiguousStrides(spec.shape), offset: 0, dtype: spec.dtype, data };
}

/** Row-major without gaps; the offset may be anything. Axes of size 1 do not count, and an empty layout always is. */
export function isContiguous(layout: Layout): boolean {
  const { shape, strides } = layout;
  let expected = 1;
  let contiguous = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis];
    if (size === 0) return true;
    if (size === 1) continue;
    if (strides[axis] !== expected) contiguous = false;
    expected *= size;
  }
  return contiguous;
}

/** All elements are the same storage element. */
export function isUniform(layout: Layout): boolean {
  const { shape, strides } = layout;
  for (let axis = 0; axis < shape.length; axis++) if (shape[axis] !== 1 && strides[axis] !== 0) return false;
  return true;
}

/**
 * Axes merged wherever two neighbours can be walked as one, and axes of size 1 dropped: the shortest loop nest
 * over a layout. Several layouts of one shape are merged together, so that they can be walked in step.
 */
export function collapse(shape: Shape, ...strides: (readonly number[])[]): { shape: number[]; strides: number[][] } {
  const outShape: number[] = [];
  const outStrides: number[][] = strides.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis];
    if (size === 1) continue;
    const last = outShape.length - 1;
    if (last >= 0 && strides.every((s, k) => outStrides[k][last] === s[axis] * size)) {
      outShape[last] *= size;
      strides.forEach((s, k) => (outStrides[k][last] = s[axis]));
    } else {
      outShape.push(size);
      strides.forEach((s, k) => outStrides[k].push(s[axis]));
    }
  }
  return { shape: outShape, strides: outStrides };
}

/** Copies the elements of `view` in row-major order into `out`, from `out[start]` on. */
export function packInto(view: View, out: TypedArray, start = 0): void {
  const size = sizeOf(view.shape);
  if (size === 0) return;
  if (isContiguous(view)) {
    const source = view.data;
    if (view.offset === 0 && source.length === size) out.set(source, start);
    else out.set(source.subarray(view.offset, view.offset + size), start);
    return;
  }
  const {
    shape,
    strides: [strides],
  } = collapse(view.shape, view.strides);
  copyStrided(view.data, shape, strides, view.offset, out, start);
}

function copyStrided(
  data: TypedArray,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  out: TypedArray,
  start: number,
): void {
  const inner = shape.length === 0 ? 1 : shape[shape.length - 1];
  const step = shape.length === 0 ? 0 : strides[shape.length - 1];
  const outerRank = Math.max(0, shape.length - 1);
  const index = new Array<number>(outerRank).fill(0);
  let from = offset;
  let to = start;
  for (;;) {
    if (step === 0) out.fill(data[from], to, to + inner);
    else for (let i = 0, p = from; i < inner; i++, p += step) out[to + i] = data[p];
    to += inner;
    let axis = outerRank - 1;
    for (; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** The same elements as a packed view: itself where it is packed already, a copy otherwise. */
export function pack(view: View): View {
  const size = sizeOf(view.shape);
  if (isContiguous(view)) {
    if (view.offset === 0 && view.data.length === size) return view;
    return packedView(view, view.data.subarray(view.offset, view.offset + size));
  }
  const data = createArray(view.dtype, size);
  packInto(view, data);
  return packedView(view, data);
}
