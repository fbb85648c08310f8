export * from './lenet5/index.js';
