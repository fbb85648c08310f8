import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { learnedPositionsLayer, sinusoidalPositionsLayer } from './positions.js';

interface Search {
  /** Absent: learnt. */
  readonly base?: number;
}

export function positionsCall({ base }: Search, x: Tensor, weight?: Tensor): Tensor {
  return weight === undefined
    ? throughLayer(sinusoidalPositionsLayer(base === undefined ? {} : { base }), [], x)
    : throughLayer(learnedPositionsLayer({ maxLength: weight.shape[0] }), [weight], x);
}

export const positionsSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      batch: fc.constantFrom(0, 1, 2),
      steps: fc.integer({ min: 1, max: 4 }),
      features: fc.integer({ min: 1, max: 5 }),
      more: fc.nat(2),
      base: fc.constantFrom(undefined, 10, 2.5),
      learnt: fc.boolean(),
    })
    .map(({ batch, steps, features, more, base, learnt }): OpSample<Search> => {
      const x = floats([batch, steps, features]);
      return learnt
        ? { attrs: {}, inputs: [x, floats([steps + more, features])] }
        : { attrs: base === undefined ? {} : { base }, inputs: [x] };
    }),
  oracle({ base = 10_000 }, x, weight): NdArray {
    const [, steps, features] = x.shape;
    const data = Array.from(x.data, (v, i) => {
      const [t, f] = [Math.floor(i / features) % steps, i % features];
      if (weight !== undefined) return v + weight.data[t * features + f];
      const angle = t / base ** ((f - (f % 2)) / features);
      return v + (f % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    });
    return { shape: x.shape, data };
  },
};
