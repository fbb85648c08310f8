import { formatValue, OptionError, sizeOf, unknownOptions } from '@lemmata/shape';
import { apply, cast, mul, NO_ATTRS, type OpDef, permute, randomNormal, reshape } from '@lemmata/tensor';
import type { Initialiser } from './initialisers.js';

/**
 * The rows of a matrix with at most as many rows as columns, made orthonormal one after the other, in float64: each less
 * what it shares with those before. Twice, since the first time leaves a share of rounding size.
 */
const Orthonormalise: OpDef = {
  name: 'orthonormalise',
  infer: (_attrs, x) => [x],
  reference(_attrs, [x], [out]) {
    const [rows, columns] = x!.shape as [number, number];
    const q = Float64Array.from(x!.data);
    for (let i = 0; i < rows; i++) {
      const row = q.subarray(i * columns, (i + 1) * columns);
      for (let pass = 0; pass < 2; pass++) {
        for (let j = 0; j < i; j++) {
          const other = q.subarray(j * columns, (j + 1) * columns);
          const share = dot(row, other);
          for (let c = 0; c < columns; c++) row[c]! -= share * other[c]!;
        }
      }
      const norm = Math.sqrt(dot(row, row));
      for (let c = 0; c < columns; c++) row[c]! /= norm;
    }
    out!.data.set(q);
  },
};

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

/**
 * A weight whose matrix [first axis, all others] has orthonormal rows, or columns if there are fewer of them, times
 * `gain`; all such matrices are equally likely.
 *
 * Source: Saxe et al. 2013, https://arxiv.org/abs/1312.6120
 */
export function orthogonal(options: { readonly gain?: number } = {}): Initialiser {
  unknownOptions('orthogonal', options, ['gain']);
  const { gain = 1 } = options;
  if (!Number.isFinite(gain))
    throw new OptionError('orthogonal', [`gain must be a finite number, received ${formatValue(gain)}`]);
  return (key, shape) => {
    if (shape.length < 2)
      throw new OptionError('orthogonal', [`the shape has at least two axes, received [${shape.join()}]`]);
    const rows = shape[0]!;
    const columns = sizeOf(shape.slice(1));
    const wide = rows <= columns;
    const drawn = randomNormal(key, wide ? [rows, columns] : [columns, rows], { dtype: 'float64' });
    const q = apply(Orthonormalise, NO_ATTRS, [drawn])[0]!;
    return cast(mul(reshape(wide ? q : permute(q, [1, 0]), shape), gain), 'float32');
  };
}
