import { floats, type NdArray, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { type PerAxis, sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { walk } from '../conv/oracle.laws.js';
import { inChannelsOf, short } from '../conv/search-space.laws.js';
import { type Via, vias } from '../conv/search.laws.js';
import {
  convTranspose1d,
  convTranspose1dLayer,
  convTranspose2d,
  convTranspose2dLayer,
  convTranspose3d,
  convTranspose3dLayer,
} from './conv-transpose.js';
import { type TransposeAttrs, transposeSituations } from './samples.laws.js';

interface Search extends TransposeAttrs {
  readonly via: Via;
  readonly kernel: readonly number[];
  /** Spatial sizes of the output. */
  readonly output: readonly number[];
  /** The output is asked for by its size rather than by what is added. */
  readonly bySize: boolean;
  /** One number stands for all axes, where it can; then paddings are written out only where they must be. */
  readonly brief: boolean;
  readonly declared: boolean;
  readonly paddingMode?: 'zeros';
}

/** Transposed convolution along one to three axes, with any options. */
export function transposeCall(a: Search, x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const { via, kernel, output, bySize, brief, declared, padding, outputPadding, ...rest } = a;
  const rank = kernel.length;
  const some = (list: readonly number[]): PerAxis => short(list, brief);
  const even = padding.every(([before, after]) => before === padding[0][0] && after === before);
  const options = {
    ...rest,
    stride: some(a.stride),
    dilation: some(a.dilation),
    padding: !brief ? padding : even ? padding[0][0] : padding.map(([p, q]) => (p === q ? p : ([p, q] as const))),
    ...(bySize ? { outputSize: some(output) } : { outputPadding: some(outputPadding) }),
  };
  if (via !== 'layer') return [convTranspose1d, convTranspose2d, convTranspose3d][rank - 1](x, w, b, options);
  const layer = [convTranspose1dLayer, convTranspose2dLayer, convTranspose3dLayer][rank - 1];
  const made = layer({
    outChannels: w.shape[1] * a.groups,
    kernelSize: some(kernel),
    bias: b !== undefined,
    ...inChannelsOf(declared, x, rank),
    ...options,
  });
  return throughLayer(made, b === undefined ? [w] : [w, b], x);
}

export const transposeSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      s: transposeSituations,
      via: vias,
      bias: fc.boolean(),
      bySize: fc.boolean(),
      brief: fc.boolean(),
      declared: fc.boolean(),
      mode: fc.constantFrom({}, { paddingMode: 'zeros' as const }),
    })
    .map(({ s: { x, w, attrs }, via, bias, mode, ...how }): OpSample<Search> => {
      const kernel = w.slice(2);
      const output = kernel.map((k, i) => {
        const { stride, dilation, padding, outputPadding } = attrs;
        const [before, after] = padding[i];
        return (x[i + 2] - 1) * stride[i] - before - after + dilation[i] * (k - 1) + outputPadding[i] + 1;
      });
      return {
        attrs: { ...attrs, ...how, ...mode, via, kernel, output },
        inputs: [floats(via === 'one' ? x.slice(1) : x), floats(w), ...(bias ? [floats([w[1] * attrs.groups])] : [])],
      };
    }),
  /** The convolution with the roles of input and output exchanged, one product after the other. */
  oracle(a, x, w, b): NdArray {
    const given = a.via === 'one' ? [1, ...x.shape] : x.shape;
    const filters = w.shape[1] * a.groups;
    const shape = [given[0], filters, ...a.output];
    const plane = sizeOf(a.output);
    const data = Array.from({ length: sizeOf(shape) }, (_, i) =>
      b === undefined ? 0 : b.data[Math.floor(i / plane) % filters],
    );
    walk({ ...a, x: shape, w: w.shape, y: given }, (i, k, j) => (data[i] += w.data[k] * x.data[j]));
    return { shape: a.via === 'one' ? shape.slice(1) : shape, data };
  },
};
