import { add, pow, sub, type Tensor } from '@lemmata/tensor';
import { times } from './per-parameter.js';

/** A running average: decay · average + (1 − decay) · x. */
export function average(before: Tensor, x: Tensor, decay: number | Tensor): Tensor {
  return add(times(before, decay), times(x, typeof decay === 'number' ? 1 - decay : sub(1, decay)));
}

/** 1 − decayᵗ, the weight that a running average begun at 0 has given to values by step t. */
export function weightGiven(decay: number | Tensor, t: Tensor): Tensor {
  return sub(1, pow(decay, t));
}
