import { floats, type OpSample, type SearchSamples, throughLayer, uniform } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { prelu, preluLayer } from './prelu.js';

interface Search {
  readonly layer: boolean;
}

export function preluCall({ layer }: Search, x: Tensor, weight: Tensor): Tensor {
  return layer ? throughLayer(preluLayer({ numParameters: weight.size }), [weight], x) : prelu(x, weight);
}

export const preluSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      batch: fc.constantFrom(0, 1, 2),
      sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      shared: fc.boolean(),
      layer: fc.boolean(),
    })
    .map(
      ({ batch, sizes, shared, layer }): OpSample<Search> => ({
        attrs: { layer },
        inputs: [floats([batch, ...sizes], uniform(-3, 3, { avoid: [0] })), floats([shared ? 1 : sizes[0]])],
      }),
    ),
  oracle(_, x, weight) {
    const [, channels = 1, ...rest] = x.shape;
    const inner = rest.reduce((a, b) => a * b, 1);
    const slope = (i: number): number => weight.data[weight.data.length === 1 ? 0 : Math.floor(i / inner) % channels];
    return { shape: x.shape, data: Array.from(x.data, (v, i) => (v > 0 ? v : slope(i) * v)) };
  },
};
