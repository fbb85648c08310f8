export { type ConvTransposeOptions, convTranspose1d, convTranspose2d, convTranspose3d } from './conv-transpose.js';
