export {
  embedding,
  embeddingLayer,
  type EmbeddingLayerOptions,
  type EmbeddingOptions,
  type EmbeddingParams,
} from './embedding.js';
export { Embedding, type EmbeddingAttrs } from './op.js';
