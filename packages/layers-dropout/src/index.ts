export * from './dropout/index.js';
