import { floats, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { glu, gluLayer } from './glu.js';

interface Search {
  readonly axis?: number;
  readonly layer: boolean;
}

export function gluCall({ layer, ...options }: Search, x: Tensor): Tensor {
  return layer ? throughLayer(gluLayer(options), [], x) : glu(x, options);
}

export const gluSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      batch: fc.constantFrom(0, 1, 2),
      sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      at: fc.nat(2),
      ask: fc.constantFrom('default', 'front', 'back'),
      layer: fc.boolean(),
    })
    .map(({ batch, sizes, at, ask, layer }): OpSample<Search> => {
      const axis = ask === 'default' ? 1 : 1 + (at % sizes.length);
      const shape = [batch, ...sizes].map((n, i) => (i === axis ? 2 * n : n));
      const options = ask === 'default' ? {} : { axis: ask === 'back' ? axis - shape.length : axis };
      return { attrs: { layer, ...options }, inputs: [floats(shape)] };
    }),
  oracle({ axis = 1 }, { shape, data }) {
    const at = axis < 0 ? axis + shape.length : axis;
    const out = shape.map((n, i) => (i === at ? n / 2 : n));
    const block = out.slice(at).reduce((a, b) => a * b, 1);
    const size = out.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: size }, (_, i) => {
      const first = Math.floor(i / block) * 2 * block + (i % block);
      return data[first] / (1 + Math.exp(-data[first + block]));
    });
    return { shape: out, data: values };
  },
};
