export { Sigmoid, sigmoid, sigmoidLayer } from './sigmoid.js';
