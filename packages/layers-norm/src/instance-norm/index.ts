export { instanceNorm, instanceNormWithStatistics, type InstanceNormOptions } from './instance-norm.js';
export { instanceNormLayer, type InstanceNormLayerOptions } from './layer.js';
