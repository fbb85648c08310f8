export * from './adaptive-average-pool/index.js';
export * from './adaptive-max-pool/index.js';
export * from './average-pool/index.js';
export * from './global-pool/index.js';
export * from './lp-pool/index.js';
export * from './max-pool/index.js';
