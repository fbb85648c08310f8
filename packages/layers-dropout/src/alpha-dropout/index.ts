export { AlphaDrop, alphaDropout, alphaDropoutLayer } from './alpha-dropout.js';
