export { multiHeadAttentionLayer, type MultiHeadAttentionLayerOptions } from './layer.js';
export {
  multiHeadAttention,
  type MultiHeadAttentionOptions,
  multiHeadAttentionWithWeights,
  type MultiHeadWeightsOptions,
} from './multi-head-attention.js';
export { initMultiHeadAttention, type MultiHeadAttentionParams, type MultiHeadAttentionShape } from './params.js';
