export { accumulate, accumulated, startAccumulation, type Accumulated } from './accumulate.js';
export { adadelta, type AdadeltaOptions } from './adadelta.js';
export { adagrad, type AdagradOptions } from './adagrad.js';
export { adam, adamw, type AdamOptions } from './adam.js';
export { adamax, type AdamaxOptions } from './adamax.js';
export {
  exponentialAverage,
  uniformAverage,
  withAverage,
  type Averaged,
  type Averaging,
  type ExponentialAverageOptions,
  type WeightAverage,
} from './average.js';
export { clipByGlobalNorm, clipByValue, globalNorm, type Clipped, type GlobalNormOptions } from './clip.js';
export { controllable, withRate, type Controlled } from './controllable.js';
export {
  cosine,
  cosineAnnealing,
  warmRestarts,
  type CosineAnnealingOptions,
  type CosineOptions,
  type WarmRestartsOptions,
} from './cosine.js';
export { cyclic, type CyclicOptions } from './cyclic.js';
export {
  exponential,
  linear,
  multiStep,
  polynomial,
  stepDecay,
  type ExponentialOptions,
  type LinearOptions,
  type MultiStepOptions,
  type PolynomialOptions,
  type StepDecayOptions,
} from './decay.js';
export { constantFactor, linearFactor, type ConstantFactorOptions, type LinearFactorOptions } from './factor.js';
export { nadam, type NadamOptions } from './nadam.js';
export {
  oneCycle,
  oneCycleMomentum,
  type CycleOptions,
  type OneCycleMomentumOptions,
  type OneCycleOptions,
} from './one-cycle.js';
export type { Optimizer, OptimizerState } from './optimizer.js';
export type { Scheduled } from './option.js';
export type { CommonOptions, Group } from './per-parameter.js';
export { reduceOnPlateau, type Plateau, type PlateauOptions, type PlateauState } from './plateau.js';
export { radam, type RadamOptions } from './radam.js';
export { rmsprop, type RmspropOptions } from './rmsprop.js';
export { constant, rateAt, warmup, type Schedule, type WarmupOptions } from './schedule.js';
export { sgd, type SgdOptions } from './sgd.js';
