import { add, mul, pow, sub, type Tensor } from '@lemmata/tensor';

/** A running average: decay · average + (1 − decay) · x. */
export function average(before: Tensor, x: Tensor, decay: number): Tensor {
  return add(mul(before, decay), mul(x, 1 - decay));
}

/** 1 − decayᵗ, the weight that a running average begun at 0 has given to values by step t. */
export function weightGiven(decay: number, t: Tensor): Tensor {
  return sub(1, pow(decay, t));
}
