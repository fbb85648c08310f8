export { rmsNormLayer, type RmsNormLayerOptions, type RmsNormParams } from './layer.js';
export { RmsNorm, RmsNormGradient, type RmsNormAttrs } from './op.js';
export { rmsNorm, type RmsNormOptions } from './rms-norm.js';
