export { transformerEncoderBlock, type TransformerEncoderOptions } from './transformer-encoder.js';
