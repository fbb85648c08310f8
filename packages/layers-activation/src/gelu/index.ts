export { Gelu, gelu, geluLayer, type GeluOptions } from './gelu.js';
