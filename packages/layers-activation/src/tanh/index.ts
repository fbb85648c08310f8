export { Tanh, tanh, tanhLayer } from './tanh.js';
