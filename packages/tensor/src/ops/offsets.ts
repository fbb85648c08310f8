import { sizeOf, type Shape } from '@lemmata/shape';

/** The offset of every index of a shape, in row-major order. */
export function offsets(shape: Shape, strides: readonly number[]): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  if (out.length === 0) return out;
  let filled = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    // The offsets of the axes behind are there already: repeat them along this one.
    for (let i = shape[axis] - 1; i > 0; i--) {
      for (let k = 0; k < filled; k++) out[i * filled + k] = out[k] + i * strides[axis];
    }
    filled *= shape[axis];
  }
  return out;
}
