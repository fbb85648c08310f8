export {
  type Decorrelated,
  decorrelatedBatchNorm,
  decorrelatedBatchNormInference,
  type DecorrelatedBatchNormOptions,
  decorrelatedBatchNormWithStatistics,
} from './decorrelated-batch-norm.js';
export {
  decorrelatedBatchNormLayer,
  type DecorrelatedBatchNormLayerOptions,
  type DecorrelatedBatchNormState,
} from './layer.js';
export { CovarianceRoots, type CovarianceRootsAttrs, Lyapunov } from './roots.js';
export { compose, type SymmetricEigen, symmetricEigen } from './symmetric-eigen.js';
