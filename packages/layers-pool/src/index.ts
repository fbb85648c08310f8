export * from './average-pool/index.js';
export * from './max-pool/index.js';
