export { crossEntropy, type CrossEntropyOptions } from './cross-entropy.js';
export { SoftmaxCrossEntropy } from './op.js';
