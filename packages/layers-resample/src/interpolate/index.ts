export { interpolate, interpolateLayer, type InterpolateMode, type InterpolateOptions } from './interpolate.js';
export { Resample, ResampleAdjoint, type ResampleAttrs } from './op.js';
