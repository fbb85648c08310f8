export type { PoolOptions } from '../options.js';
export {
  lpPool1d,
  lpPool1dLayer,
  lpPool2d,
  lpPool2dLayer,
  lpPool3d,
  lpPool3dLayer,
  type LpPoolOptions,
} from './lp-pool.js';
