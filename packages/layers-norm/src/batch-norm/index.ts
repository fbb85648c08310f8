export {
  batchNorm,
  batchNormInference,
  batchNormWithStatistics,
  type BatchNormOptions,
  type Normalised,
} from './batch-norm.js';
export { batchNormLayer, type BatchNormLayerOptions, type BatchNormParams, type BatchNormState } from './layer.js';
export { BatchNorm, BatchNormGradient, type BatchNormAttrs } from './op.js';
