export { Hardsigmoid, hardsigmoid, hardsigmoidLayer } from './hardsigmoid.js';
