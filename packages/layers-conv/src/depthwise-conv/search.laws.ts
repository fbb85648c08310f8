import { floats, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { channelling, inChannelsOf, slidings } from '../conv/search-space.laws.js';
import { convOracle, type ConvSearch, vias } from '../conv/search.laws.js';
import {
  depthwiseConv1d,
  depthwiseConv1dLayer,
  depthwiseConv2d,
  depthwiseConv2dLayer,
  depthwiseConv3d,
  depthwiseConv3dLayer,
} from './depthwise-conv.js';

/** Depthwise convolution along one to three axes, with any options. */
export function depthwiseCall(a: ConvSearch, x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const { via, groups, options, kernelSize, kernel } = a;
  const rank = kernel.length;
  if (via !== 'layer') return [depthwiseConv1d, depthwiseConv2d, depthwiseConv3d][rank - 1](x, w, b, options);
  const layer = [depthwiseConv1dLayer, depthwiseConv2dLayer, depthwiseConv3dLayer][rank - 1];
  const multiplier = w.shape[0] / groups;
  return throughLayer(
    layer({ kernelSize, multiplier, bias: b !== undefined, ...inChannelsOf(a.declared, x, rank), ...options }),
    b === undefined ? [w] : [w, b],
    x,
  );
}

export const depthwiseSearch: SearchSamples<ConvSearch> = {
  samples: fc
    .record({ sliding: slidings, size: channelling, via: vias, bias: fc.boolean() })
    .map(({ sliding, size: { batch, groups, filters, declared }, via, bias }): OpSample<ConvSearch> => {
      const image = [groups, ...sliding.sizes];
      const inputs = [
        floats(via === 'one' ? image : [batch, ...image]),
        floats([groups * filters, 1, ...sliding.kernel]),
        ...(bias ? [floats([groups * filters])] : []),
      ];
      return { attrs: { ...sliding, via, groups, declared }, inputs };
    }),
  oracle: convOracle,
};
