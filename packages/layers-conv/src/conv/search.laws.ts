import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { conv1d, conv1dLayer, conv2d, conv2dLayer, conv3d, conv3dLayer } from './conv.js';
import { walk } from './oracle.laws.js';
import { channelling, inChannelsOf, type Sliding, slidings } from './search-space.laws.js';

/** Called as a function with a batch or without one, or as a layer. */
export type Via = 'function' | 'one' | 'layer';
export const vias: fc.Arbitrary<Via> = fc.constantFrom('function', 'layer', 'one');

export interface ConvSearch extends Sliding {
  readonly via: Via;
  readonly groups: number;
  /** Whether the layer is told the channels of its input. */
  readonly declared: boolean;
}

/** Convolution along one to three axes, with any options. */
export function convCall(a: ConvSearch, x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const { via, groups, options, kernelSize, kernel } = a;
  const rank = kernel.length;
  if (via !== 'layer') return [conv1d, conv2d, conv3d][rank - 1](x, w, b, { ...options, groups });
  const layer = [conv1dLayer, conv2dLayer, conv3dLayer][rank - 1];
  const made = layer({
    outChannels: w.shape[0],
    kernelSize,
    groups,
    bias: b !== undefined,
    ...inChannelsOf(a.declared, x, rank),
    ...options,
  });
  return throughLayer(made, b === undefined ? [w] : [w, b], x);
}

/** The sum over every window, one product after the other; a batch that is missing counts as one of 1. */
export function convOracle(a: ConvSearch, x: NdArray, w: NdArray, b?: NdArray): NdArray {
  const [batch, ...image] = a.via === 'one' ? [1, ...x.shape] : x.shape;
  const [filters] = w.shape;
  const shape = [batch, filters, ...a.output];
  const data = Array.from({ length: sizeOf(shape) }, (_, i) =>
    b === undefined ? 0 : b.data[Math.floor(i / sizeOf(a.output)) % filters],
  );
  const shapes = { x: [batch, ...image], w: w.shape, y: shape };
  walk({ ...a, ...shapes, fill: a.paddingMode, visitsZeros: true }, (i, k, j) => {
    data[j] += (i < 0 ? 0 : x.data[i]) * w.data[k];
  });
  return { shape: a.via === 'one' ? shape.slice(1) : shape, data };
}

export const convSearch: SearchSamples<ConvSearch> = {
  samples: fc
    .record({ sliding: slidings, size: channelling, via: vias, bias: fc.boolean() })
    .map(({ sliding, size: { batch, groups, channels, filters, declared }, via, bias }): OpSample<ConvSearch> => {
      const image = [groups * channels, ...sliding.sizes];
      const inputs = [
        floats(via === 'one' ? image : [batch, ...image]),
        floats([groups * filters, channels, ...sliding.kernel]),
        ...(bias ? [floats([groups * filters])] : []),
      ];
      return { attrs: { ...sliding, via, groups, declared }, inputs };
    }),
  oracle: convOracle,
};
