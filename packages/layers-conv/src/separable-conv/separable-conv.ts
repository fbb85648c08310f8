import { type Empty, type Layer, sequential } from '@lemmata/nn';
import { unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { CONV_OPTIONS, convolve } from '../conv/convolve.js';
import { convLayer } from '../conv/layer.js';
import { type ConvParams, FILTER_OPTIONS, type FilterOptions } from '../conv/layer-options.js';
import {
  depthwise,
  type DepthwiseConvLayerOptions,
  type DepthwiseConvOptions,
  depthwiseLayer,
} from '../depthwise-conv/depthwise-conv.js';

export type SeparableConvOptions = DepthwiseConvOptions;

/** `init` draws both weights, each with its own fans; the bias is that of the pointwise convolution. */
export interface SeparableConvLayerOptions
  extends Omit<DepthwiseConvLayerOptions, 'bias' | 'biasInit'>,
    Pick<FilterOptions, 'outChannels' | 'bias' | 'biasInit'> {}

export interface SeparableConvParams {
  /** weight `[C · M, 1, ...kernel]` */
  readonly depthwise: ConvParams;
  /** weight `[outChannels, C · M, 1, …]`, bias `[outChannels]` */
  readonly pointwise: ConvParams;
}

export type SeparableConvLayer = Layer<SeparableConvParams, { readonly depthwise: Empty; readonly pointwise: Empty }>;

/**
 * Convolution in two steps: each channel by filters of its own, then a linear map of the channels at every place.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @param depthwiseWeight `[C · M, 1, KH, KW]`
 * @param pointwiseWeight `[O, C · M, 1, 1]`
 * @param bias `[O]`, added at the end
 * @param options of the depthwise convolution
 * @returns `[N, O, H', W']`, sizes as in `conv2d`
 * @throws ShapeError naming every rule that is broken; OptionError for unknown options.
 *
 * Source: https://arxiv.org/abs/1610.02357
 */
export function separableConv2d(
  x: Tensor,
  depthwiseWeight: Tensor,
  pointwiseWeight: Tensor,
  bias?: Tensor | null,
  options: SeparableConvOptions = {},
): Tensor {
  return separable('separableConv2d', 2, x, depthwiseWeight, pointwiseWeight, bias, options);
}

/** {@link separableConv2d} along one spatial axis: weights `[C · M, 1, K]` and `[O, C · M, 1]`. */
export function separableConv1d(
  x: Tensor,
  depthwiseWeight: Tensor,
  pointwiseWeight: Tensor,
  bias?: Tensor | null,
  options: SeparableConvOptions = {},
): Tensor {
  return separable('separableConv1d', 1, x, depthwiseWeight, pointwiseWeight, bias, options);
}

/** {@link separableConv2d} along three spatial axes: weights `[C · M, 1, KD, KH, KW]` and `[O, C · M, 1, 1, 1]`. */
export function separableConv3d(
  x: Tensor,
  depthwiseWeight: Tensor,
  pointwiseWeight: Tensor,
  bias?: Tensor | null,
  options: SeparableConvOptions = {},
): Tensor {
  return separable('separableConv3d', 3, x, depthwiseWeight, pointwiseWeight, bias, options);
}

/**
 * {@link separableConv2d} as a layer: a `depthwise` convolution without bias, which the next would take in, and a
 * `pointwise` one.
 *
 * @example separableConv2dLayer({ outChannels: 64, kernelSize: 3, padding: 1 })
 * @throws ShapeError, OptionError for options that no input can make right; the rest is checked by `init`.
 */
export function separableConv2dLayer(options: SeparableConvLayerOptions): SeparableConvLayer {
  return separableLayer('separableConv2d', 2, options);
}

/** {@link separableConv1d} as a layer; see {@link separableConv2dLayer}. */
export function separableConv1dLayer(options: SeparableConvLayerOptions): SeparableConvLayer {
  return separableLayer('separableConv1d', 1, options);
}

/** {@link separableConv3d} as a layer; see {@link separableConv2dLayer}. */
export function separableConv3dLayer(options: SeparableConvLayerOptions): SeparableConvLayer {
  return separableLayer('separableConv3d', 3, options);
}

const LAYER_OPTIONS: readonly string[] = [...FILTER_OPTIONS, 'multiplier', ...CONV_OPTIONS].filter(
  (name) => name !== 'groups',
);

function separable(
  op: string,
  rank: number,
  x: Tensor,
  depthwiseWeight: Tensor,
  pointwiseWeight: Tensor,
  bias: Tensor | null | undefined,
  options: SeparableConvOptions,
): Tensor {
  const middle = depthwise(`${op} > depthwise`, rank, x, depthwiseWeight, null, options);
  return convolve(`${op} > pointwise`, rank, middle, pointwiseWeight, bias, {});
}

function separableLayer(kind: string, rank: number, options: SeparableConvLayerOptions): SeparableConvLayer {
  unknownOptions(kind, options, LAYER_OPTIONS);
  const { outChannels, bias, biasInit, ...first } = options;
  const layers = {
    depthwise: depthwiseLayer(kind, rank, { ...first, bias: false }),
    pointwise: convLayer(kind, rank, { outChannels, kernelSize: 1, bias, biasInit, init: first.init }),
  };
  return { ...sequential(layers), kind };
}
