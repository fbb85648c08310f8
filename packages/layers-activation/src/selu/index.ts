export { Selu, selu, seluLayer } from './selu.js';
