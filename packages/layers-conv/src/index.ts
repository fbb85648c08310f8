export * from './conv/index.js';
export * from './conv-transpose/index.js';
export * from './unfold/index.js';
