import { OptionError, unknownOptions } from '@lemmata/shape';
import { bernoulli, mul, type Tensor, where, zerosLike } from '@lemmata/tensor';

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
  const { p, key } = dropout;
  checkProbability(op, 'dropout.p', p);
  if (p === 0) return weights;
  // No mask: 1 / (1 − p) is infinite.
  if (p === 1) return zerosLike(weights);
  if (key === undefined || key === null) {
    throw new OptionError(op, [
      'dropout needs a key; give the model one: apply(params, state, x, { train: true, key })',
    ]);
  }
  return where(bernoulli(key, 1 - p, weights.shape), mul(weights, 1 / (1 - p)), 0);
}

export function checkProbability(op: string, name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new OptionError(op, [`${name} must be from 0 to 1, received ${String(p)}`]);
}
