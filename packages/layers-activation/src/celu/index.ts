export { Celu, celu, celuLayer, type CeluOptions } from './celu.js';
