export * from './conv/index.js';
export * from './conv-transpose/index.js';
export * from './depthwise-conv/index.js';
export * from './pad/index.js';
export * from './separable-conv/index.js';
export * from './unfold/index.js';
