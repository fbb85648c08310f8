import {
  distinct,
  floats,
  type NdArray,
  type OpSample,
  type SearchSamples,
  throughLayer,
  type Values,
} from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { placesOf } from '../average-pool/search.laws.js';
import { everyWindow } from '../oracle.laws.js';
import { type Pooling, poolings } from '../search-space.laws.js';
import { lpPool1d, lpPool1dLayer, lpPool2d, lpPool2dLayer, lpPool3d, lpPool3dLayer } from './lp-pool.js';

interface Search extends Pooling {
  readonly normType: number;
}

/** Away from 0, where |x| has a kink and its powers may have poles; no two magnitudes are near each other, for the largest. */
export const away: Values = (size) =>
  distinct(0.2, 4, { gap: 0.02 })(size).map((magnitudes) => magnitudes.map((m, i) => (i % 2 === 0 ? m : -m)));

/** Pooling by norms along one to three axes, with any options. */
export function lpPoolCall({ via, options, output, normType }: Search, x: Tensor): Tensor {
  const rank = output.length;
  const all = { ...options, normType };
  if (via !== 'layer') return [lpPool1d, lpPool2d, lpPool3d][rank - 1](x, all);
  return throughLayer([lpPool1dLayer, lpPool2dLayer, lpPool3dLayer][rank - 1](all), [], x);
}

export const lpPoolSearch: SearchSamples<Search> = {
  samples: fc.record({ pooling: poolings(1), normType: fc.constantFrom(0.5, 1, 1.5, 2, 3, 4, Infinity) }).map(
    ({ pooling, normType }): OpSample<Search> => ({
      attrs: { ...pooling, normType },
      inputs: [floats(pooling.x, away)],
    }),
  ),
  float32Bound: {
    relative: 1e-4,
    absolute: 1e-4,
    reason:
      'powers are rounded to float32, and roots of exponent 1 / p multiply that by 1 / p, in the gradient once more',
  },
  oracle(a, x): NdArray {
    const rank = a.output.length;
    const sizes = x.shape.slice(x.shape.length - rank);
    const data: number[] = [];
    for (let start = 0; start < x.data.length; start += sizeOf(sizes)) {
      everyWindow(a.slide, sizes, (_, reads, at) => {
        const magnitudes = reads.map((i) => Math.abs(x.data[start + i]));
        const sum = magnitudes.reduce((total, v) => total + v ** a.normType, 0);
        // A window that overhangs counts for a full one.
        const full = (sum * sizeOf(a.slide.kernel)) / placesOf(a, sizes, at);
        data.push(a.normType === Infinity ? Math.max(...magnitudes) : full ** (1 / a.normType));
      });
    }
    return { shape: [...x.shape.slice(0, x.shape.length - rank), ...a.output], data };
  },
};
