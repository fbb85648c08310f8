export { groupNorm, type GroupNormOptions } from './group-norm.js';
export { groupNormLayer, type GroupNormLayerOptions } from './layer.js';
export { GroupNorm, GroupNormGradient, type GroupNormAttrs } from './op.js';
