export { LogSoftmax, logSoftmax, logSoftmaxLayer, type LogSoftmaxOptions } from './log-softmax.js';
