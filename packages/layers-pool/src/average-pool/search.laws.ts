import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { everyWindow } from '../oracle.laws.js';
import { type Pooling, poolings } from '../search-space.laws.js';
import { avgPool1d, avgPool1dLayer, avgPool2d, avgPool2dLayer, avgPool3d, avgPool3dLayer } from './average-pool.js';

interface Search extends Pooling {
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;
}

/** Average pooling along one to three axes, with any options. */
export function averagePoolCall(a: Search, x: Tensor): Tensor {
  const { countIncludePad, divisorOverride } = a;
  const options = { ...a.options, countIncludePad, ...(divisorOverride === null ? {} : { divisorOverride }) };
  const rank = a.output.length;
  if (a.via !== 'layer') return [avgPool1d, avgPool2d, avgPool3d][rank - 1](x, options);
  return throughLayer([avgPool1dLayer, avgPool2dLayer, avgPool3dLayer][rank - 1](options), [], x);
}

/** Places of a window inside of the padded input: what overhangs in ceil mode is not among them. */
export function placesOf(
  { slide: { kernel, stride, padding } }: Pooling,
  sizes: readonly number[],
  at: number[],
): number {
  return kernel.reduce((count, k, a) => {
    const room = sizes[a] + padding[a][0] + padding[a][1] - at[a] * stride[a];
    return count * Math.min(k, room);
  }, 1);
}

export const averagePoolSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      pooling: poolings(1),
      countIncludePad: fc.boolean(),
      divisorOverride: fc.constantFrom(null, null, 3, -0.5, 1),
    })
    .map(({ pooling, ...rest }): OpSample<Search> => ({ attrs: { ...pooling, ...rest }, inputs: [floats(pooling.x)] })),
  oracle(a, x): NdArray {
    const rank = a.output.length;
    const sizes = x.shape.slice(x.shape.length - rank);
    const data: number[] = [];
    for (let start = 0; start < x.data.length; start += sizeOf(sizes)) {
      everyWindow(a.slide, sizes, (_, reads, at) => {
        const sum = reads.reduce((total, i) => total + x.data[start + i], 0);
        data.push(sum / (a.divisorOverride ?? (a.countIncludePad ? placesOf(a, sizes, at) : reads.length)));
      });
    }
    return { shape: [...x.shape.slice(0, x.shape.length - rank), ...a.output], data };
  },
};
