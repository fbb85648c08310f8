import type { NdArray } from '@lemmata/laws';
import type { DecorrelatedBatchNormOptions } from './decorrelated-batch-norm.js';
import { indices, made, roots } from './matrices.laws.js';

/** Group by group, by sums over indices and a root that knows no eigenvalues. */
export function whitened(options: DecorrelatedBatchNormOptions, x: NdArray, weight: NdArray, bias: NdArray): NdArray {
  const [N, C] = x.shape as [number, number];
  const S = x.data.length / (N * C);
  const size = C / (options.groups ?? 1);
  const y = Array.from(x.data);
  for (let first = 0; first < C; first += size) {
    const places = indices(size).map((c) =>
      indices(N * S).map((i) => (Math.floor(i / S) * C + first + c) * S + (i % S)),
    );
    const centred = places.map((row) => {
      const mean = row.reduce((total, i) => total + x.data[i], 0) / row.length;
      return row.map((i) => x.data[i] - mean);
    });
    const spread = made(size, (i, j) => {
      const products = centred[i]!.reduce((total, v, k) => total + v * centred[j]![k]!, 0);
      return products / (N * S) + (i === j ? options.eps! : 0);
    });
    // What is not finite, or overflows when it is squared, has no root.
    const finite = spread.flat().every(Number.isFinite);
    const inverse = finite ? roots(spread)[1] : made(size, () => NaN);
    for (const [i, row] of places.entries()) {
      for (const [k, at] of row.entries()) {
        const mixed = inverse[i]!.reduce((total, w, j) => total + w * centred[j]![k]!, 0);
        y[at] = mixed * weight.data[first + i] + bias.data[first + i];
      }
    }
  }
  return { shape: x.shape, data: y };
}
