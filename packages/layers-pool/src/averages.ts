import { Problems, sizeOf } from '@lemmata/shape';
import { isFloat, type Spec, type View } from '@lemmata/tensor';
import type { Windows } from './windows.js';

/** y: for each window of each plane of x the sum of what it reads, divided by the window's divisor. */
export function average({ starts, elements }: Windows, divisors: Float64Array, x: View, y: View): void {
  const plane = sizeOf(x.shape.slice(2));
  const planes = x.shape[0] * x.shape[1];
  const count = divisors.length;
  for (let p = 0; p < planes; p++) {
    const from = p * plane;
    for (let j = 0; j < count; j++) {
      let sum = 0;
      const end = starts[j + 1];
      for (let e = starts[j]; e < end; e++) sum += x.data[from + elements[e]];
      y.data[p * count + j] = sum / divisors[j];
    }
  }
}

/** The adjoint of {@link average}: each element of y, divided, added to every element of x that its window reads. */
export function spread({ starts, elements }: Windows, divisors: Float64Array, y: View, x: View): void {
  const count = divisors.length;
  const planes = y.shape[0] * y.shape[1];
  // Windows may overlap: sums are taken in float64, and rounded once.
  const sums = new Float64Array(sizeOf(x.shape.slice(2)));
  for (let p = 0; p < planes; p++) {
    sums.fill(0);
    for (let j = 0; j < count; j++) {
      const share = y.data[p * count + j] / divisors[j];
      const end = starts[j + 1];
      for (let e = starts[j]; e < end; e++) sums[elements[e]] += share;
    }
    x.data.set(sums, p * sums.length);
  }
}

/** The dtype of what is averaged. Throws a ShapeError unless it is a float. */
export function checkFloat(op: string, { dtype }: Spec): Spec['dtype'] {
  if (isFloat(dtype)) return dtype;
  const problems = new Problems(op);
  problems.add({ rule: 'x must be float32 or float64', received: dtype, hint: 'Convert with cast' });
  problems.throwIfAny();
  return dtype;
}
