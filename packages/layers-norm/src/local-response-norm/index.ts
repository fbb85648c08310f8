export { localResponseNorm, localResponseNormLayer, type LocalResponseNormOptions } from './local-response-norm.js';
export { ChannelWindowSum, type ChannelWindowAttrs } from './op.js';
