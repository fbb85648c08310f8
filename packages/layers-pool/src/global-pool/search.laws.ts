import { distinct, floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { type Via, vias } from '../search-space.laws.js';
import {
  globalAvgPool1d,
  globalAvgPool1dLayer,
  globalAvgPool2d,
  globalAvgPool2dLayer,
  globalAvgPool3d,
  globalAvgPool3dLayer,
  globalMaxPool1d,
  globalMaxPool1dLayer,
  globalMaxPool2d,
  globalMaxPool2dLayer,
  globalMaxPool3d,
  globalMaxPool3dLayer,
  type GlobalPoolOptions,
} from './global-pool.js';

interface Search {
  readonly via: Via;
  readonly rank: number;
  readonly kind: 'average' | 'max';
  /** Absent: the default. */
  readonly keepdims?: boolean;
}

type Pool = (x: Tensor, options?: GlobalPoolOptions) => Tensor;
type Make = (options?: GlobalPoolOptions) => Layer<any, any>;
const functions: Readonly<Record<Search['kind'], readonly Pool[]>> = {
  average: [globalAvgPool1d, globalAvgPool2d, globalAvgPool3d],
  max: [globalMaxPool1d, globalMaxPool2d, globalMaxPool3d],
};
const layers: Readonly<Record<Search['kind'], readonly Make[]>> = {
  average: [globalAvgPool1dLayer, globalAvgPool2dLayer, globalAvgPool3dLayer],
  max: [globalMaxPool1dLayer, globalMaxPool2dLayer, globalMaxPool3dLayer],
};

/** The mean or the largest element of each channel. */
export function globalPoolCall({ via, rank, kind, ...options }: Search, x: Tensor): Tensor {
  return via === 'layer' ? throughLayer(layers[kind][rank - 1](options), [], x) : functions[kind][rank - 1](x, options);
}

export const globalPoolSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      via: vias,
      kind: fc.constantFrom<Search['kind'][]>('average', 'max'),
      keepdims: fc.constantFrom(true, false, undefined),
      planes: fc.constantFrom([1, 2], [2, 1], [0, 2], [2, 3]),
      sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    })
    .map(({ via, kind, keepdims, planes: [batch, channels], sizes }): OpSample<Search> => {
      const image = [channels, ...sizes];
      return {
        attrs: { via, kind, rank: sizes.length, ...(keepdims === undefined ? {} : { keepdims }) },
        inputs: [floats(via === 'one' ? image : [batch, ...image], distinct(-4, 4, { gap: 0.02 }))],
      };
    }),
  oracle({ via, rank, kind, keepdims = false }, x): NdArray {
    const lead = x.shape.slice(0, via === 'one' ? 1 : 2);
    const size = sizeOf(x.shape.slice(lead.length));
    const data = Array.from({ length: sizeOf(lead) }, (_, plane) => {
      const values = Array.from(x.data).slice(plane * size, (plane + 1) * size);
      return kind === 'max' ? Math.max(...values) : values.reduce((sum, v) => sum + v, 0) / size;
    });
    return { shape: [...lead, ...(keepdims ? new Array<number>(rank).fill(1) : [])], data };
  },
};
