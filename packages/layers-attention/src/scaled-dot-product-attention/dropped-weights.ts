import { checkProbability, dropped } from '@lemmata/nn';
import { unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';

/** Dropout of attention weights: without it nothing is dropped. */
export interface WeightDropout {
  /** The probability with which a weight becomes 0, from 0 to 1; the others are divided by 1 − p. */
  readonly p: number;
  /** int32[2], to be used for nothing else. */
  readonly key: Tensor;
}

export function droppedWeights(op: string, weights: Tensor, dropout: WeightDropout | null): Tensor {
  if (dropout === null) return weights;
  unknownOptions(op, dropout, ['p', 'key']);
  checkProbability(op, 'dropout.p', dropout.p);
  return dropped(op, weights, dropout.key, dropout.p);
}
