export { layerNorm, type LayerNormOptions } from './layer-norm.js';
export { layerNormLayer, type LayerNormLayerOptions } from './layer.js';
