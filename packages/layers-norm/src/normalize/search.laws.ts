import { distinct, floats, type OpSample, type SearchSamples } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { indexOf } from '../search-space.laws.js';
import { normalize } from './normalize.js';

interface Search {
  readonly p: number;
  readonly axis: number | readonly number[];
  readonly eps: number;
}

export function normalizeCall(options: Search, x: Tensor): Tensor {
  return normalize(x, options);
}

export const normalizeSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      shape: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
      axes: fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }),
      negative: fc.boolean(),
      p: fc.constantFrom(0, 1, 1.5, 2, 3, Infinity),
      eps: fc.constantFrom(1e-12, 1.505),
    })
    .map(({ shape, axes, negative, p, eps }): OpSample<Search> => {
      const chosen = [...new Set(axes.map((axis) => axis % shape.length))].map((axis) =>
        negative ? axis - shape.length : axis,
      );
      return {
        attrs: { p, eps, axis: chosen.length === 1 ? chosen[0] : chosen },
        // Away from 0, and no two magnitudes alike: nothing bends there, and which one is largest is clear. No sum of
        // magnitudes is 1.505.
        inputs: [
          floats(shape, (size) =>
            distinct(0.06, 2.5, { gap: 0.01 })(size).map((list) => list.map((v, i) => (i % 3 === 0 ? -v : v))),
          ),
        ],
      };
    }),
  oracle({ p, axis, eps }, x) {
    const rank = x.shape.length;
    const axes = [axis].flat().map((a) => (a + rank) % rank);
    const along = (i: number): string => String(indexOf(x.shape, i).map((n, a) => (axes.includes(a) ? '' : n)));
    const places = Array.from(x.data, (_, i) => along(i));
    const data = Array.from(x.data, (v, i) => {
      const vector = Array.from(x.data)
        .filter((_, j) => places[j] === places[i])
        .map(Math.abs);
      const count = vector.filter((w) => w !== 0).length;
      const sum = vector.reduce((total, w) => total + w ** p, 0);
      const norm = p === 0 ? count : p === Infinity ? Math.max(...vector) : sum ** (1 / p);
      return v / Math.max(norm, eps);
    });
    return { shape: x.shape, data };
  },
};
