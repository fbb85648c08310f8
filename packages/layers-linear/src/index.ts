export * from './bilinear/index.js';
export * from './flatten/index.js';
export * from './linear/index.js';
