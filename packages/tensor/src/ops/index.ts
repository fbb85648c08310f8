export * from './arithmetic.js';
export * from './broadcast-to.js';
export * from './cast.js';
export { offsets, reducedShape, rows, type ReduceOptions, type Rows } from './reduce.js';
export * from './reshape.js';
export * from './sum.js';
