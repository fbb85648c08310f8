export { normalize, type NormalizeOptions } from './normalize.js';
