export * from './interpolate/index.js';
export * from './max-unpool/index.js';
export * from './pixel-shuffle/index.js';
