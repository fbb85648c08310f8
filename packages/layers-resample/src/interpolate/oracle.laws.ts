import type { NdArray } from '@lemmata/laws';
import type { ResampleAttrs } from './op.js';

/** Element (o, i) of the matrix that resamples an axis, from the definition of each method as a function of distance. */
function matrixElement(a: ResampleAttrs, inputs: number, o: number, i: number): number {
  const { method, size, scale, alignCorners, antialias } = a;
  const step = alignCorners ? (size > 1 ? (inputs - 1) / (size - 1) : 0) : scale === null ? inputs / size : 1 / scale;
  const inside = (n: number): number => Math.min(Math.max(n, 0), inputs - 1);
  // The place is a rounded product: a little is added, so that 2.999… counts as 3.
  if (method === 'nearest') return i === inside(Math.floor(o * step + 1e-9)) ? 1 : 0;
  if (method === 'nearest-exact') return i === inside(Math.floor((o + 0.5) * step + 1e-9)) ? 1 : 0;
  if (method === 'area') {
    const covered = (n: number): number => Number((n + 1) * size > o * inputs && n * size < (o + 1) * inputs);
    let total = 0;
    for (let n = 0; n < inputs; n++) total += covered(n);
    return covered(i) / total;
  }
  const [reach, a0] = method === 'linear' ? [1, 0] : [2, antialias ? -0.5 : -0.75];
  const filter = (distance: number): number => {
    const x = Math.abs(distance);
    if (method === 'linear') return Math.max(0, 1 - x);
    if (x <= 1) return (a0 + 2) * x ** 3 - (a0 + 3) * x ** 2 + 1;
    return x < 2 ? a0 * (x ** 3 - 5 * x ** 2 + 8 * x - 4) : 0;
  };
  if (antialias) {
    const stretch = Math.max(1, step);
    // Elements whose centres the stretched filter covers, up to half an element beyond.
    const centre = step * (o + 0.5);
    const [first, end] = [-1, 1].map((side) => Math.floor(centre + side * reach * stretch + 0.5));
    const weight = (n: number): number => (n >= first && n < end ? filter((n + 0.5 - centre) / stretch) : 0);
    let total = 0;
    for (let n = 0; n < inputs; n++) total += weight(n);
    return weight(i) / total;
  }
  const place = alignCorners ? o * step : (o + 0.5) * step - 0.5;
  if (method === 'linear') return filter(inside(place) - i);
  // Beyond the ends the first and last element are repeated.
  let total = 0;
  for (let n = -3; n < inputs + 3; n++) if (inside(n) === i) total += filter(place - n);
  return total;
}

/** Three axes, of which the second is resampled: a product with the whole matrix, or its transpose. */
export function dense(a: ResampleAttrs, x: NdArray, inputs: number, transposed: boolean): NdArray {
  const [outer, , inner] = x.shape;
  const [rows, columns] = transposed ? [inputs, a.size] : [a.size, inputs];
  const data: number[] = [];
  for (let n = 0; n < outer; n++) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < inner; c++) {
        let total = 0;
        for (let k = 0; k < columns; k++) {
          const weight = transposed ? matrixElement(a, inputs, k, r) : matrixElement(a, inputs, r, k);
          // What has no weight is not read.
          if (weight !== 0) total += weight * x.data[(n * columns + k) * inner + c];
        }
        data.push(total);
      }
    }
  }
  return { shape: [outer, rows, inner], data };
}
