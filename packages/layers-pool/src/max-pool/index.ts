export type { PoolOptions } from '../options.js';
export {
  maxPool1d,
  maxPool1dLayer,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dLayer,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dLayer,
  maxPool3dWithIndices,
  type MaxPoolOptions,
  type PooledWithIndices,
} from './max-pool.js';
export { MaxPool, type MaxPoolAttrs, pick, Pick, unpool, Unpool } from './op.js';
