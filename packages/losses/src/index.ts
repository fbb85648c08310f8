export * from './cross-entropy/index.js';
