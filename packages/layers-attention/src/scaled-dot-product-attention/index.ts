export { type CausalAlignment, causalMask } from './mask.js';
export { MaskedMix, MaskedScores } from './masked-product.js';
export {
  type Attended,
  type AttentionOptions,
  scaledDotProductAttention,
  scaledDotProductAttentionWithWeights,
} from './scaled-dot-product-attention.js';
