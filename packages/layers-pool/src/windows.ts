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
export function windows(sliding: Sliding, input: Shape, output: Shape): Windows {
  let all: Windows = { starts: Int32Array.of(0, 1), elements: Int32Array.of(0) };
  for (let axis = 0; axis < input.length; axis++) {
    all = product(all, alongAxis(sliding, axis, input[axis], output[axis]), input[axis]);
  }
  return all;
}

/** Along one axis, window o reads o · stride + k · dilation − padding before, for all k where that is inside the input. */
function alongAxis(
  { kernel, stride, dilation, padding }: Sliding,
  axis: number,
  size: number,
  outputs: number,
): Windows {
  const starts = [0];
  const elements: number[] = [];
  for (let o = 0; o < outputs; o++) {
    for (let k = 0; k < kernel[axis]; k++) {
      const i = o * stride[axis] + k * dilation[axis] - padding[axis][0];
      if (i >= 0 && i < size) elements.push(i);
    }
    starts.push(elements.length);
  }
  return { starts: Int32Array.from(starts), elements: Int32Array.from(elements) };
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
