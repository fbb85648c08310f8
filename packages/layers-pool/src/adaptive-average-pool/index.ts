export type { AdaptivePoolOptions } from '../adaptive.js';
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool1dLayer,
  adaptiveAvgPool2d,
  adaptiveAvgPool2dLayer,
  adaptiveAvgPool3d,
  adaptiveAvgPool3dLayer,
} from './adaptive-average-pool.js';
export {
  AdaptiveAveragePool,
  adaptiveAveragePool,
  AdaptiveAveragePoolGradient,
  adaptiveAveragePoolGradient,
} from './op.js';
