import { distinct, floats, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { maxout, maxoutLayer } from './maxout.js';

interface Search {
  readonly pieces: number;
  readonly axis?: number;
  readonly layer: boolean;
}

export function maxoutCall({ layer, ...options }: Search, x: Tensor): Tensor {
  return layer ? throughLayer(maxoutLayer(options), [], x) : maxout(x, options);
}

export const maxoutSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      batch: fc.constantFrom(0, 1, 2),
      sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      pieces: fc.integer({ min: 1, max: 4 }),
      at: fc.nat(2),
      ask: fc.constantFrom('default', 'front', 'back'),
      layer: fc.boolean(),
    })
    .map(({ batch, sizes, pieces, at, ask, layer }): OpSample<Search> => {
      const axis = ask === 'default' ? 1 : 1 + (at % sizes.length);
      const shape = [batch, ...sizes].map((n, i) => (i === axis ? n * pieces : n));
      const options = ask === 'default' ? {} : { axis: ask === 'back' ? axis - shape.length : axis };
      // Differences need competitors that do not tie.
      return { attrs: { pieces, layer, ...options }, inputs: [floats(shape, distinct(-4, 4, { gap: 0.02 }))] };
    }),
  oracle({ pieces, axis = 1 }, { shape, data }) {
    const at = axis < 0 ? axis + shape.length : axis;
    const inner = shape.slice(at + 1).reduce((a, b) => a * b, 1);
    const out = shape.map((n, i) => (i === at ? n / pieces : n));
    const size = out.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: size }, (_, i) => {
      const first = Math.floor(i / inner) * pieces * inner + (i % inner);
      return Math.max(...Array.from({ length: pieces }, (_p, k) => data[first + k * inner]));
    });
    return { shape: out, data: values };
  },
};
