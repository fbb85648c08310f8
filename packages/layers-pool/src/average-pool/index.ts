export { avgPool1d, avgPool2d, avgPool3d, type AveragePoolOptions } from './average-pool.js';
export { AveragePool, type AveragePoolAttrs, AveragePoolGradient } from './op.js';
