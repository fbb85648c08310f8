import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { everyShare } from '../adaptive.laws.js';
import { type Adaptive, adaptives } from '../adaptive-search.laws.js';
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool1dLayer,
  adaptiveAvgPool2d,
  adaptiveAvgPool2dLayer,
  adaptiveAvgPool3d,
  adaptiveAvgPool3dLayer,
} from './adaptive-average-pool.js';

/** Averages on a grid of any size, along one to three axes. */
export function adaptiveAverageCall({ via, output, outputSize }: Adaptive, x: Tensor): Tensor {
  const rank = output.length;
  const options = { outputSize };
  if (via !== 'layer') return [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][rank - 1](x, options);
  const layer = [adaptiveAvgPool1dLayer, adaptiveAvgPool2dLayer, adaptiveAvgPool3dLayer][rank - 1];
  return throughLayer(layer(options), [], x);
}

export const adaptiveAverageSearch: SearchSamples<Adaptive> = {
  samples: adaptives.map((attrs): OpSample<Adaptive> => ({ attrs, inputs: [floats(attrs.x)] })),
  oracle({ output }, x): NdArray {
    const rank = output.length;
    const sizes = x.shape.slice(x.shape.length - rank);
    const data: number[] = [];
    for (let start = 0; start < x.data.length; start += sizeOf(sizes)) {
      everyShare(sizes, output, (_, reads) => {
        data.push(reads.reduce((sum, i) => sum + x.data[start + i], 0) / reads.length);
      });
    }
    return { shape: [...x.shape.slice(0, x.shape.length - rank), ...output], data };
  },
};
