import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { channelling, inChannelsOf, slidings } from '../conv/search-space.laws.js';
import { convOracle, type ConvSearch, vias } from '../conv/search.laws.js';
import {
  separableConv1d,
  separableConv1dLayer,
  separableConv2d,
  separableConv2dLayer,
  separableConv3d,
  separableConv3dLayer,
} from './separable-conv.js';

/** Separable convolution along one to three axes, with any options. */
export function separableCall(a: ConvSearch, x: Tensor, d: Tensor, p: Tensor, b?: Tensor): Tensor {
  const { via, groups, options, kernelSize, kernel } = a;
  const rank = kernel.length;
  if (via !== 'layer') return [separableConv1d, separableConv2d, separableConv3d][rank - 1](x, d, p, b, options);
  const layer = [separableConv1dLayer, separableConv2dLayer, separableConv3dLayer][rank - 1]({
    outChannels: p.shape[0],
    kernelSize,
    multiplier: d.shape[0] / groups,
    bias: b !== undefined,
    ...inChannelsOf(a.declared, x, rank),
    ...options,
  });
  // The weights of both steps, and the bias of the second.
  return throughLayer(layer, b === undefined ? [d, p] : [d, p, b], x);
}

export const separableSearch: SearchSamples<ConvSearch> = {
  samples: fc
    .record({
      sliding: slidings,
      size: channelling,
      via: vias,
      bias: fc.boolean(),
      out: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ sliding, size: { batch, groups, filters, declared }, via, bias, out }): OpSample<ConvSearch> => {
      const image = [groups, ...sliding.sizes];
      const inputs = [
        floats(via === 'one' ? image : [batch, ...image]),
        floats([groups * filters, 1, ...sliding.kernel]),
        floats([out, groups * filters, ...sliding.kernel.map(() => 1)]),
        ...(bias ? [floats([out])] : []),
      ];
      return { attrs: { ...sliding, via, groups, declared }, inputs };
    }),
  /** Two convolutions, the second over single pixels. */
  oracle(a, x, d, p, b): NdArray {
    const ones = a.kernel.map(() => 1);
    const middle = convOracle(a, x, d);
    const pixels = { ...a, groups: 1, stride: ones, dilation: ones, padding: ones.map(() => [0, 0] as const) };
    return convOracle(pixels, middle, p, b);
  },
};
