export * from './segnet.js';
