export { type CallLayer, compose, type ComposeOptions } from './compose.js';
export { countParameters } from './count-parameters.js';
export { checkKeyedDropout, checkProbability, Drop, dropped, keptMask, type KeyedDropout } from './drop.js';
export { type FanOptions, type Fans, fans } from './fans.js';
export { fold } from './fold.js';
export { formatSummary } from './format-summary.js';
export { calculateGain, type Nonlinearity } from './gain.js';
export {
  constantOf,
  dirac,
  eye,
  type Initialiser,
  normal,
  type NormalOptions,
  ones,
  truncatedNormal,
  type TruncatedNormalOptions,
  uniform,
  zeros,
} from './initialisers.js';
export {
  type AffineMap,
  type Context,
  type Empty,
  type Folded,
  functionLayer,
  type Initialised,
  type Layer,
  type ParamsOf,
  type StateOf,
} from './layer.js';
export { initialiserReasons } from './initialiser-reasons.js';
export { orthogonal } from './orthogonal.js';
export { parallel, type ParallelOptions, residual, type ResidualOptions } from './parallel.js';
export { recomputed } from './recomputed.js';
export { contextOf, infer, inLayer, sequential } from './sequential.js';
export { type Summary, summary, type SummaryRow } from './summary.js';
export {
  kaimingNormal,
  type KaimingOptions,
  kaimingUniform,
  lecunNormal,
  lecunUniform,
  xavierNormal,
  type XavierOptions,
  xavierUniform,
} from './variance-scaling.js';
