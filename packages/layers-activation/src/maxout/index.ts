export { maxout, maxoutLayer, type MaxoutOptions } from './maxout.js';
