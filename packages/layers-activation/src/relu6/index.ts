export { Relu6, relu6, relu6Layer } from './relu6.js';
