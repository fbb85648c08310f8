export * from './batch-norm/index.js';
