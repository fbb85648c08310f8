export { Elu, elu, eluLayer, type EluOptions } from './elu.js';
