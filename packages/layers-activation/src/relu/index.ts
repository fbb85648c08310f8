export { Relu, relu, reluLayer } from './relu.js';
