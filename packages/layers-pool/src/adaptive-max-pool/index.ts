export {
  adaptiveMaxPool1d,
  adaptiveMaxPool1dLayer,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dLayer,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3d,
  adaptiveMaxPool3dLayer,
  adaptiveMaxPool3dWithIndices,
} from './adaptive-max-pool.js';
export { AdaptiveMaxPool } from './op.js';
