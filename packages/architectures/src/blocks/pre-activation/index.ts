export { preActivationBlock, type PreActivationOptions } from './pre-activation.js';
