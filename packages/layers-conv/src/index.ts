export * from './conv/index.js';
