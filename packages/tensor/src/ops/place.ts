import { sizeOf, type Shape } from '@lemmata/shape';
import { collapse, type View } from '../layout.js';
import type { TypedArray } from '../spec.js';
import { offsets } from './offsets.js';

/** From this many neighbours on, copying them as a block is faster than one by one. */
const BLOCK = 32;

/** Writes the elements of a packed view into `out` at `offset + Σ indexᵢ · stridesᵢ`. */
export function place({ shape, data }: View, out: TypedArray, strides: readonly number[], offset: number): void {
  if (sizeOf(shape) === 0) return;
  const {
    shape: loops,
    strides: [steps],
  } = collapse(shape, strides);
  const count = loops.pop() ?? 1;
  const step = steps.pop() ?? 1;
  const starts = offsets(loops, steps);
  for (let s = 0, p = 0; s < starts.length; s++) {
    const start = offset + starts[s];
    if (step === 1 && count >= BLOCK) {
      out.set(data.subarray(p, p + count), start);
      p += count;
    } else {
      for (let i = 0, o = start; i < count; i++, o += step) out[o] = data[p++];
    }
  }
}

/** Offset of an index in a packed array of `shape` with these strides. */
export function offsetOf(index: Shape, strides: readonly number[]): number {
  return index.reduce((sum, i, axis) => sum + i * strides[axis], 0);
}
