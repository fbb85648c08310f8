export {
  transformerEncoder,
  transformerEncoderBlock,
  type TransformerEncoderMasks,
  type TransformerEncoderOptions,
} from './transformer-encoder.js';
