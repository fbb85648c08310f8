export { linear, linearLayer, type LinearOptions, type LinearParams } from './linear.js';
