export * from './relu/index.js';
