export * from './basic/index.js';
export * from './bottleneck/index.js';
export * from './pre-activation/index.js';
export type { BlockOptions, Shortcut } from './shortcut.js';
export * from './transformer-encoder/index.js';
export * from './inverted-residual/index.js';
