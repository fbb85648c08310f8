import { floats, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { batches, spaces } from '../search-space.laws.js';
import { localResponseNorm, localResponseNormLayer, type LocalResponseNormOptions } from './local-response-norm.js';

interface Search extends Required<LocalResponseNormOptions> {
  readonly layer: boolean;
}

export function localResponseCall({ layer, ...options }: Search, x: Tensor): Tensor {
  return layer ? throughLayer(localResponseNormLayer(options), [], x) : localResponseNorm(x, options);
}

export const localResponseSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      layer: fc.boolean(),
      batch: batches,
      channels: fc.integer({ min: 1, max: 6 }),
      space: spaces(0, 2),
      size: fc.integer({ min: 1, max: 8 }),
      alpha: fc.constantFrom(1e-4, 0.5, 2),
      beta: fc.constantFrom(0.5, 0.75, 2),
      k: fc.constantFrom(0.5, 1, 2),
    })
    .map(
      ({ batch, channels, space, ...attrs }): OpSample<Search> => ({
        attrs,
        inputs: [floats([batch, channels, ...space])],
      }),
    ),
  oracle({ size, alpha, beta, k }, x) {
    const [, channels, ...space] = x.shape;
    const plane = sizeOf(space);
    const data = Array.from(x.data, (v, i) => {
      const channel = Math.floor(i / plane) % channels;
      let total = 0;
      for (let j = 0; j < channels; j++) {
        const inside = j >= channel - Math.floor(size / 2) && j <= channel + Math.floor((size - 1) / 2);
        if (inside) total += x.data[i + (j - channel) * plane] ** 2;
      }
      return v / (k + (alpha * total) / size) ** beta;
    });
    return { shape: x.shape, data };
  },
};
