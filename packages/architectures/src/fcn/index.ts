export * from './fcn.js';
