export { conv1d, conv1dLayer, conv2d, conv2dLayer, conv3d, conv3dLayer } from './conv.js';
export type { ConvOptions, PaddingFill } from './convolve.js';
export type { ConvLayer, ConvLayerOptions } from './layer.js';
export type { ConvParams, FilterOptions } from './layer-options.js';
export {
  type ConvAttrs,
  convolution,
  Convolution,
  ConvolutionInputGradient,
  ConvolutionWeightGradient,
  inputGradient,
  type OpenAttrs,
  weightGradient,
} from './op.js';
