export type { PoolOptions } from '../options.js';
export {
  avgPool1d,
  avgPool1dLayer,
  avgPool2d,
  avgPool2dLayer,
  avgPool3d,
  avgPool3dLayer,
  type AveragePoolOptions,
} from './average-pool.js';
export { AveragePool, type AveragePoolAttrs, AveragePoolGradient } from './op.js';
