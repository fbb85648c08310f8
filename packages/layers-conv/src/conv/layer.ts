import type { Context, Empty, Layer } from '@lemmata/nn';
import { checkSlidingOptions, type ConvGeometry, type FieldLayer, perAxis, Problems, type Shape } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { absorbed, firstAxis } from './absorb.js';
import { checkConvOptions, type ConvOptions, convolve, paddedGeometry } from './convolve.js';
import {
  checkFilters,
  checkInputChannels,
  type ConvParams,
  drawParams,
  FILTER_OPTIONS,
  type FilterOptions,
} from './layer-options.js';

export interface ConvLayerOptions extends FilterOptions, ConvOptions {}

export type ConvLayer = Layer<ConvParams, Empty>;

/** The layer along `rank` spatial axes. */
export function convLayer(kind: string, rank: number, options: ConvLayerOptions): ConvLayer {
  checkLayerOptions(kind, rank, options);
  const { outChannels, kernelSize, inChannels, bias, init, biasInit, ...sliding } = options;
  const { paddingMode, ...window } = sliding;
  const { groups = 1 } = sliding;

  const geometry = (inputShape: Shape): { weight: Shape; geometry: ConvGeometry } => {
    checkInputChannels(kind, rank, inputShape, inChannels);
    const kernel = perAxis(kind, 'kernelSize', kernelSize, rank, 1);
    const weight = [outChannels, Math.floor((inputShape[0] ?? 0) / groups), ...kernel];
    const query = { input: [1, ...inputShape], weight, ...window, spatialRank: rank };
    return { weight, geometry: paddedGeometry(kind, query, paddingMode) };
  };

  return {
    kind,
    init(key, inputShape) {
      const { weight, geometry: found } = geometry(inputShape);
      const params = drawParams(key, weight, outChannels, { groups }, { bias, init, biasInit });
      return { params, state: {}, outputShape: found.outputShape.slice(1) };
    },
    apply: (params: ConvParams, state, x: Tensor, _context: Context) => [
      convolve(kind, rank, x, params.weight, params.bias, sliding),
      state,
    ],
    window: (inputShape) => fieldLayers(geometry(inputShape).geometry),
    absorb: (params, map) => ({
      layer: convLayer(kind, rank, { ...options, bias: true }),
      params: absorbed(params, map, firstAxis(params.weight)),
    }),
  };
}

/** The window along each spatial axis, as receptive fields are computed from. */
export function fieldLayers({ kernel, stride, dilation, padding }: Omit<ConvGeometry, 'outputShape'>): FieldLayer[] {
  return kernel.map((k, axis) => ({
    kernel: k,
    stride: stride[axis],
    dilation: dilation[axis],
    padding: padding[axis],
  }));
}

function checkLayerOptions(kind: string, rank: number, options: ConvLayerOptions): void {
  checkConvOptions(kind, options, FILTER_OPTIONS);
  const problems = new Problems(kind);
  checkFilters(problems, options);
  checkSlidingOptions(problems, rank, options);
  problems.throwIfAny();
}
