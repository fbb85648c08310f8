export {
  affine,
  type AffineOptions,
  type Motion,
  randomAffine,
  randomRotation,
  type SamplingOptions,
} from './affine.js';
export { chain } from './chain.js';
export { colorJitter, type ColorJitterOptions } from './colour.js';
export {
  centerCrop,
  cutout,
  type CutoutOptions,
  horizontalFlip,
  pad,
  type PadOptions,
  randomCrop,
  verticalFlip,
} from './geometry.js';
export { augment, type Image, type ImageChange } from './image.js';
export { type Mixed, mixup, type MixupOptions } from './mixup.js';
export type { Sides, Size, Spread } from './options.js';
