export { columnTensor, type Example } from './batch.js';
export { decodeCheckpoint, decodeModel, encodeCheckpoint, encodeModel } from './checkpoint.js';
export { evaluate, type EvaluateOptions } from './evaluate.js';
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
  initialState,
  train,
  TrainingError,
  trainingStep,
  type Batches,
  type Cursor,
  type Means,
  type Sums,
  type TrainEvent,
  type TrainOptions,
  type TrainState,
} from './train.js';
