export {
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
  type MaxPoolOptions,
  type PooledWithIndices,
} from './max-pool.js';
export { MaxPool, type MaxPoolAttrs, pick, Pick, unpool, Unpool } from './op.js';
