export * from './alexnet.js';
