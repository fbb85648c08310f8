import { floats, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { flatten, flattenLayer } from './flatten.js';

interface Search {
  readonly start: number;
  readonly end: number;
  readonly layer: boolean;
}

export function flattenCall({ start, end, layer }: Search, x: Tensor): Tensor {
  return layer ? throughLayer(flattenLayer({ startAxis: start, endAxis: end }), [], x) : flatten(x, start, end);
}

export const flattenSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      batch: fc.constantFrom(0, 1, 2),
      sizes: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
      ends: fc.tuple(fc.nat(4), fc.nat(4)),
      negative: fc.tuple(fc.boolean(), fc.boolean()),
      layer: fc.boolean(),
    })
    .map(({ batch, sizes, ends, negative, layer }): OpSample<Search> => {
      const rank = sizes.length + 1;
      const least = layer ? 1 : 0;
      const [a, b] = ends.map((n) => least + (n % (rank - least)));
      const [start, end] = [Math.min(a, b), Math.max(a, b)].map((axis, i) => (negative[i] ? axis - rank : axis));
      return { attrs: { start: start, end: end, layer }, inputs: [floats([batch, ...sizes])] };
    }),
  // The order of the elements stays; only the shape is new.
  oracle({ start, end }, { shape, data }) {
    const [from, to] = [start, end].map((axis) => (axis < 0 ? axis + shape.length : axis));
    const merged = shape.slice(from, to + 1).reduce((a, b) => a * b, 1);
    return { shape: [...shape.slice(0, from), merged, ...shape.slice(to + 1)], data };
  },
};
