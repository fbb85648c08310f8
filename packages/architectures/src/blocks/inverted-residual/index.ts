export { invertedResidualBlock, type InvertedResidualOptions } from './inverted-residual.js';
