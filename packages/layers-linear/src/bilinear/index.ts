export { bilinear, bilinearLayer, initBilinear, type BilinearOptions, type BilinearParams } from './bilinear.js';
