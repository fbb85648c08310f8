import type { NdArray } from '@lemmata/laws';
import type { DecorrelatedBatchNormOptions } from './decorrelated-batch-norm.js';
import { indices, made, type Matrix, roots } from './matrices.laws.js';

/** What a batch is whitened with. */
export interface Whitening {
  readonly means: ArrayLike<number>;
  /** One matrix a group. */
  readonly matrices: readonly Matrix[];
}

/** Where the elements of a channel lie in [N, C, ...spatial]. */
function placesOf(x: NdArray, channel: number): number[] {
  const [N, C] = x.shape;
  const S = N === 0 ? 0 : x.data.length / (N * C);
  return indices(N * S).map((i) => (Math.floor(i / S) * C + channel) * S + (i % S));
}

/** Mean and whitening of a batch, group by group, by sums over indices and a root that knows no eigenvalues. */
export function whiteningOf({ groups = 1, eps = 1e-3 }: DecorrelatedBatchNormOptions, x: NdArray): Whitening {
  const d = x.shape[1] / groups;
  const rows = indices(x.shape[1]).map((channel) => placesOf(x, channel).map((i) => x.data[i]));
  const means = rows.map((row) => row.reduce((total, v) => total + v, 0) / row.length);
  const matrices = indices(groups).map((group) => {
    const spread = made(d, (i, j) => {
      const [a, b] = [group * d + i, group * d + j];
      const products = rows[a].reduce((total, v, k) => total + (v - means[a]) * (rows[b][k] - means[b]), 0);
      return products / rows[a].length + (i === j ? eps : 0);
    });
    // What is not finite, or overflows when it is squared, has no root.
    return spread.flat().every(Number.isFinite) ? roots(spread)[1] : made(d, () => NaN);
  });
  return { means, matrices };
}

/** y = W (x − μ) · weight + bias, element by element. */
export function whitened(x: NdArray, { means, matrices }: Whitening, weight?: NdArray, bias?: NdArray): NdArray {
  const y = Array.from(x.data);
  const d = x.shape[1] / matrices.length;
  const places = indices(x.shape[1]).map((channel) => placesOf(x, channel));
  for (const [channel, row] of places.entries()) {
    const first = channel - (channel % d);
    for (const [k, at] of row.entries()) {
      const mixed = matrices[first / d][channel % d].reduce(
        (total, w, j) => total + w * (x.data[places[first + j][k]] - means[first + j]),
        0,
      );
      y[at] = mixed * (weight?.data[channel] ?? 1) + (bias?.data[channel] ?? 0);
    }
  }
  return { shape: x.shape, data: y };
}
