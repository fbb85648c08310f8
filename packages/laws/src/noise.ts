import { fillRandint, fillUniform, foldIn, key } from '@lemmata/random';

/** Numbers in [−1, 1) that follow from a seed: upstream gradients and directions. Streams of one seed are independent. */
export function noise(size: number, seed: number, stream: number = 0): Float64Array {
  const out = new Float64Array(size);
  if (size > 0) fillUniform(out, foldIn(key(seed), stream), -1, 1);
  return out;
}

/** Integers from −4 to 4 that follow from a seed, for what holds exactly. */
export function smallIntegers(size: number, seed: number, stream: number = 0): Float64Array {
  const out = new Float64Array(size);
  if (size > 0) fillRandint(out, foldIn(key(seed), stream), -4, 5);
  return out;
}
