import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { linear, linearLayer } from './linear.js';

interface Search {
  readonly layer: boolean;
}

export function linearCall({ layer }: Search, x: Tensor, w: Tensor, b?: Tensor): Tensor {
  if (!layer) return linear(x, w, b);
  const [outFeatures, inFeatures] = w.shape;
  return throughLayer(
    linearLayer({ outFeatures, inFeatures, bias: b !== undefined }),
    b === undefined ? [w] : [w, b],
    x,
  );
}

export const linearSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      lead: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
      inputs: fc.integer({ min: 1, max: 5 }),
      outputs: fc.integer({ min: 1, max: 5 }),
      bias: fc.boolean(),
      layer: fc.boolean(),
    })
    .map(
      ({ lead, inputs, outputs, bias, layer }): OpSample<Search> => ({
        attrs: { layer: layer && lead.length > 0 },
        inputs: [floats([...lead, inputs]), floats([outputs, inputs]), ...(bias ? [floats([outputs])] : [])],
      }),
    ),
  oracle: (_, x, w, b): NdArray => linearOracle(x, w, b),
};

/** Row by row and output by output. */
function linearOracle(x: NdArray, weight: NdArray, bias?: NdArray): NdArray {
  const [outputs, inputs] = weight.shape;
  const rows = x.data.length / inputs;
  const data: number[] = [];
  for (let n = 0; n < rows; n++) {
    for (let o = 0; o < outputs; o++) {
      let total = bias?.data[o] ?? 0;
      for (let i = 0; i < inputs; i++) total += x.data[n * inputs + i] * weight.data[o * inputs + i];
      data.push(total);
    }
  }
  return { shape: [...x.shape.slice(0, -1), outputs], data };
}
