export * from './batch-norm/index.js';
export * from './decorrelated-batch-norm/index.js';
export * from './group-norm/index.js';
export * from './instance-norm/index.js';
export * from './layer-norm/index.js';
export * from './local-response-norm/index.js';
export * from './normalize/index.js';
export * from './rms-norm/index.js';
export type { AffineParams } from './affine.js';
