export { Softmax, softmax, softmaxLayer, type SoftmaxOptions } from './softmax.js';
