export { Softplus, softplus, softplusLayer, type SoftplusOptions } from './softplus.js';
