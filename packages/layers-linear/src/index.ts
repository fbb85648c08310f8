export * from './flatten/index.js';
export * from './linear/index.js';
