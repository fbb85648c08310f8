export { Prelu, prelu, preluLayer, type PreluOptions } from './prelu.js';
