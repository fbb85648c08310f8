export { Bce, bce, type BceOptions } from './bce.js';
