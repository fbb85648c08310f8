export {
  depthwiseConv1d,
  depthwiseConv1dLayer,
  depthwiseConv2d,
  depthwiseConv2dLayer,
  depthwiseConv3d,
  depthwiseConv3dLayer,
  type DepthwiseConvLayerOptions,
  type DepthwiseConvOptions,
} from './depthwise-conv.js';
