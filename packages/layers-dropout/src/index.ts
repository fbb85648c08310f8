export * from './alpha-dropout/index.js';
export * from './dropout/index.js';
export * from './spatial-dropout/index.js';
export * from './stochastic-depth/index.js';
