export { pad1d, pad1dLayer, pad2d, pad2dLayer, pad3d, pad3dLayer, type SpatialPadOptions } from './pad.js';
