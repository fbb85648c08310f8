import { checkProbability } from '@lemmata/nn';
import { unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';

/** Dropout between the layers of a network: without it nothing is dropped. */
export interface BetweenDropout {
  /** The probability with which an element becomes 0, from 0 to 1; the others are divided by 1 − p. */
  readonly p: number;
  /** int32[2], to be used for nothing else. */
  readonly key: Tensor;
}

/** @throws OptionError for p outside of 0 … 1, or unknown members. */
export function checkDropout(op: string, dropout: BetweenDropout | null): void {
  if (dropout === null) return;
  unknownOptions(op, dropout, ['p', 'key']);
  checkProbability(op, 'dropout.p', dropout.p);
}
