export {
  separableConv1d,
  separableConv1dLayer,
  separableConv2d,
  separableConv2dLayer,
  separableConv3d,
  separableConv3dLayer,
  type SeparableConvLayer,
  type SeparableConvLayerOptions,
  type SeparableConvOptions,
  type SeparableConvParams,
} from './separable-conv.js';
