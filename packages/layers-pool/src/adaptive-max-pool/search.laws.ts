import { distinct, floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { everyShare } from '../adaptive.laws.js';
import { type Adaptive, adaptives } from '../adaptive-search.laws.js';
import { largestOf } from '../max-pool/search.laws.js';
import {
  adaptiveMaxPool1dLayer,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2dLayer,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3dLayer,
  adaptiveMaxPool3dWithIndices,
} from './adaptive-max-pool.js';

/** Largest elements on a grid of any size, along one to three axes; as a function it gives the indices too. */
export function adaptiveMaxCall({ via, output, outputSize }: Adaptive, x: Tensor): Tensor | Tensor[] {
  const rank = output.length;
  const options = { outputSize };
  if (via === 'layer') {
    const layer = [adaptiveMaxPool1dLayer, adaptiveMaxPool2dLayer, adaptiveMaxPool3dLayer][rank - 1];
    return throughLayer(layer(options), [], x);
  }
  const pool = [adaptiveMaxPool1dWithIndices, adaptiveMaxPool2dWithIndices, adaptiveMaxPool3dWithIndices][rank - 1];
  const { values, indices } = pool(x, options);
  return [values, indices];
}

export const adaptiveMaxSearch: SearchSamples<Adaptive> = {
  samples: adaptives.map(
    (attrs): OpSample<Adaptive> => ({ attrs, inputs: [floats(attrs.x, distinct(-4, 4, { gap: 0.02 }))] }),
  ),
  oracle({ via, output }, x): NdArray | NdArray[] {
    const rank = output.length;
    const sizes = x.shape.slice(x.shape.length - rank);
    const shape = [...x.shape.slice(0, x.shape.length - rank), ...output];
    const [values, indices]: number[][] = [[], []];
    for (let start = 0; start < x.data.length; start += sizeOf(sizes)) {
      everyShare(sizes, output, (_, reads) => {
        const [value, index] = largestOf(reads, (i) => x.data[start + i]);
        values.push(value);
        indices.push(index);
      });
    }
    return via === 'layer' ? { shape, data: values } : [values, indices].map((data) => ({ shape, data }));
  },
};
