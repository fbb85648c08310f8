export { columnTensor, type Example } from './batch.js';
export { decodeCheckpoint, decodeModel, encodeCheckpoint, encodeModel } from './checkpoint.js';
export {
  earlyStopping,
  type EarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
} from './early-stopping.js';
export { evaluate, type EvaluateOptions } from './evaluate.js';
export { findLearningRate, type FindLearningRateOptions, type FoundRates } from './find-learning-rate.js';
export {
  accuracy,
  bitsPerSymbol,
  confusionMatrix,
  dice,
  f1,
  iou,
  meanScore,
  perplexity,
  precision,
  psnr,
  recall,
  ssim,
  topK,
  type Metric,
  type SsimOptions,
} from './metrics/index.js';
export {
  loop,
  TrainingError,
  type Batches,
  type Cursor,
  type LoopEvent,
  type LoopOptions,
} from './loop.js';
export { placed } from './placed.js';
export {
  compiledStep,
  initialState,
  objectiveStep,
  supervised,
  trainingStep,
  type Objective,
  type Sight,
  type Step,
  type SupervisedOptions,
  type TrainState,
} from './step.js';
export { sumsOf, total, type Means, type Sums } from './totals.js';
export { train, type TrainEvent, type TrainOptions } from './train.js';
