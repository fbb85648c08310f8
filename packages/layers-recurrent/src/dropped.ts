import { OptionError, unknownOptions } from '@lemmata/shape';
import { bernoulli, mul, type Tensor, where, zerosLike } from '@lemmata/tensor';

/** Dropout between the layers of a network: without it nothing is dropped. */
export interface BetweenDropout {
  /** The probability with which an element becomes 0, from 0 to 1; the others are divided by 1 − p. */
  readonly p: number;
  /** int32[2], to be used for nothing else. */
  readonly key: Tensor;
}

/** @throws OptionError for p outside of 0 … 1, a missing key, or unknown members. */
export function checkDropout(op: string, dropout: BetweenDropout | null): void {
  if (dropout === null) return;
  unknownOptions(op, dropout, ['p', 'key']);
  const { p, key } = dropout;
  if (!(p >= 0 && p <= 1)) throw new OptionError(op, [`dropout.p must be from 0 to 1, received ${String(p)}`]);
  if (p > 0 && (key === undefined || key === null)) {
    throw new OptionError(op, [
      'dropout needs a key; give the model one: apply(params, state, x, { train: true, key })',
    ]);
  }
}

/** Every element on its own, at every step: 0 with probability p, and otherwise divided by 1 − p. */
export function dropped(x: Tensor, { p, key }: BetweenDropout): Tensor {
  if (p === 0) return x;
  // No mask: 1 / (1 − p) is infinite.
  if (p === 1) return zerosLike(x);
  return where(bernoulli(key, 1 - p, x.shape), mul(x, 1 / (1 - p)), 0);
}
