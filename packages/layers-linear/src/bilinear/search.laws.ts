import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { concat, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { bilinear, bilinearLayer } from './bilinear.js';

interface Search {
  readonly layer: boolean;
}

export function bilinearCall({ layer }: Search, x1: Tensor, x2: Tensor, w: Tensor, b?: Tensor): Tensor {
  if (!layer) return bilinear(x1, x2, w, b);
  const [outFeatures, in1Features, in2Features] = w.shape;
  const made = bilinearLayer({ outFeatures, in1Features, in2Features, bias: b !== undefined });
  return throughLayer(made, b === undefined ? [w] : [w, b], concat([x1, x2], -1));
}

export const bilinearSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      lead: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
      in1: fc.integer({ min: 1, max: 4 }),
      in2: fc.integer({ min: 1, max: 4 }),
      out: fc.integer({ min: 1, max: 3 }),
      bias: fc.boolean(),
      layer: fc.boolean(),
    })
    .map(
      ({ lead, in1, in2, out, bias, layer }): OpSample<Search> => ({
        attrs: { layer: layer && lead.length > 0 },
        inputs: [
          floats([...lead, in1]),
          floats([...lead, in2]),
          floats([out, in1, in2]),
          ...(bias ? [floats([out])] : []),
        ],
      }),
    ),
  // First over one input, then over the other, as the function does: only so are infinities the same.
  oracle(_, x1, x2, weight, bias): NdArray {
    const [out, in1, in2] = weight.shape;
    const rows = x1.data.length / in1;
    const data: number[] = [];
    for (let n = 0; n < rows; n++) {
      for (let o = 0; o < out; o++) {
        let total = 0;
        for (let j = 0; j < in2; j++) {
          let half = 0;
          for (let i = 0; i < in1; i++) half += x1.data[n * in1 + i] * weight.data[(o * in1 + i) * in2 + j];
          total += half * x2.data[n * in2 + j];
        }
        data.push(total + (bias?.data[o] ?? 0));
      }
    }
    return { shape: [...x1.shape.slice(0, -1), out], data };
  },
};
