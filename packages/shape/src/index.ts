export { normalizeAxes, normalizeAxis } from './axes.js';
export { type Border, BORDERS, checkBorder } from './border.js';
export { broadcastAxes, broadcastShapes } from './broadcast.js';
export { checkShape } from './check-shape.js';
export { type ConvGeometry, convGeometry, convOutputShape, type ConvQuery } from './conv-shape.js';
export type { Geometry, WindowOptions } from './geometry.js';
export { nearestName, OptionError, unknownOptions } from './option-error.js';
export { outputSize, type Slide, slide } from './output-size.js';
export { type Padding, paddingPerAxis, resolvePadding, type Sides } from './padding.js';
export { perAxis, type PerAxis } from './per-axis.js';
export { type PoolGeometry, poolGeometry, poolOutputShape, type PoolQuery } from './pool-shape.js';
export { Problems } from './problems.js';
export { formatShape, sameShape, type Shape } from './shape.js';
export {
  type Field,
  type FieldBranches,
  type FieldItem,
  type FieldLayer,
  type FieldRow,
  type ReceptiveField,
  receptiveField,
} from './receptive-field.js';
export { formatValue, ShapeError, type ShapeReason } from './shape-error.js';
export { contiguousStrides, sizeOf } from './size.js';
export { outputPaddingFor, transposedOutputSize, transposedSlide, type TransposedWindow } from './transposed.js';
export {
  type TransposedConvGeometry,
  transposedConvGeometry,
  transposedConvOutputShape,
  type TransposedConvQuery,
} from './transposed-conv-shape.js';
export { ValueError } from './value-error.js';
export { type AxisPadding, effectiveKernel, type PaddingMode, type Window } from './window.js';
export { checkSlidingOptions, type SlidingOptions } from './sliding-options.js';
