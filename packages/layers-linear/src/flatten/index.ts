export { flatten, flattenLayer, type FlattenOptions } from './flatten.js';
