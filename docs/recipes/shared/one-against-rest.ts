import { hinge } from '@lemmata/losses';
import { arange, cast, eq, mul, sub, type Tensor, unsqueeze } from '@lemmata/tensor';

/** Ten machines, each of which tells one digit from the rest: targets are 1 for the digit, −1 for the others. */
export function oneAgainstRest(scores: Tensor, target: Tensor): Tensor {
  const own = eq(unsqueeze(target, 1), arange(0, scores.shape[1]!, 1, 'int32'));
  return hinge(scores, sub(mul(cast(own, scores.dtype), 2), 1));
}
