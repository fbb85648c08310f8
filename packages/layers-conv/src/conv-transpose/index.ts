export {
  convTranspose1d,
  convTranspose1dLayer,
  convTranspose2d,
  convTranspose2dLayer,
  convTranspose3d,
  convTranspose3dLayer,
} from './conv-transpose.js';
export type { ConvTransposeLayer, ConvTransposeLayerOptions } from './layer.js';
export type { ConvTransposeOptions } from './transpose.js';
