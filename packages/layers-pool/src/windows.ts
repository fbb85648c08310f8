import type { Shape, Sides } from '@lemmata/shape';

/** Which elements of a plane each window reads. Padding is not among them. */
export interface Windows {
  /** Window j reads `elements[starts[j]]` to `elements[starts[j + 1] − 1]`, flat indices in row-major order. */
  readonly starts: Int32Array;
  readonly elements: Int32Array;
}

/** How windows slide, one entry for each spatial axis. */
export interface Sliding {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly Sides[];
}

/** The windows of a plane of sizes `input` at all output positions, in row-major order, for any number of axes. */
export function windows({ kernel, stride, dilation, padding }: Sliding, input: Shape, output: Shape): Windows {
  return windowsOver(input, output, (o, axis) =>
    Array.from({ length: kernel[axis] }, (_, k) => o * stride[axis] + k * dilation[axis] - padding[axis][0]).filter(
      (i) => i >= 0 && i < input[axis],
    ),
  );
}

/**
 * The windows that share out each axis among its outputs, as evenly as whole elements allow: output o reads ⌊o · n / m⌋ to
 * ⌈(o + 1) · n / m⌉ − 1. They overlap where m does not divide n.
 */
export function adaptiveWindows(input: Shape, output: Shape): Windows {
  return windowsOver(input, output, (o, axis) => {
    const start = Math.floor((o * input[axis]) / output[axis]);
    const end = Math.ceil(((o + 1) * input[axis]) / output[axis]);
    return Array.from({ length: end - start }, (_, k) => start + k);
  });
}

/** Windows that are products of what output o reads along each axis. */
function windowsOver(input: Shape, output: Shape, reads: (o: number, axis: number) => number[]): Windows {
  let all: Windows = { starts: Int32Array.of(0, 1), elements: Int32Array.of(0) };
  for (let axis = 0; axis < input.length; axis++) {
    const starts = [0];
    const elements: number[] = [];
    for (let o = 0; o < output[axis]; o++) {
      elements.push(...reads(o, axis));
      starts.push(elements.length);
    }
    all = product(all, { starts: Int32Array.from(starts), elements: Int32Array.from(elements) }, input[axis]);
  }
  return all;
}

/** The windows over some axes and one more, of `size` elements, behind them. */
function product(outer: Windows, inner: Windows, size: number): Windows {
  const windows = (outer.starts.length - 1) * (inner.starts.length - 1);
  const starts = new Int32Array(windows + 1);
  const elements = new Int32Array(outer.elements.length * inner.elements.length);
  let window = 0;
  let at = 0;
  for (let a = 0; a + 1 < outer.starts.length; a++) {
    for (let b = 0; b + 1 < inner.starts.length; b++) {
      for (let p = outer.starts[a]; p < outer.starts[a + 1]; p++) {
        for (let q = inner.starts[b]; q < inner.starts[b + 1]; q++)
          elements[at++] = outer.elements[p] * size + inner.elements[q];
      }
      starts[++window] = at;
    }
  }
  return { starts, elements };
}
