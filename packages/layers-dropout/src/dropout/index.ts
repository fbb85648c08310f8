export { Drop, dropout, dropoutLayer, type DropoutLayerOptions, type DropoutOptions } from './dropout.js';
