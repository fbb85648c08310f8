export { LeakyRelu, leakyRelu, leakyReluLayer, type LeakyReluOptions } from './leaky-relu.js';
