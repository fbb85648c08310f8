import {
  amax,
  arange,
  argmax,
  cast,
  eq,
  gather,
  gt,
  logicalAnd,
  logicalOr,
  lt,
  mean,
  reshape,
  sum,
  type Tensor,
  unsqueeze,
} from '@lemmata/tensor';

/** One value for each sample of a batch, shape [N]; its mean over all samples is reported. Truth values count as 0 and 1. */
export type Metric = (output: Tensor, target: Tensor) => Tensor;

/**
 * Whether the largest of the logits [N, C] is the target's class [N]; the first one at a tie. With positions,
 * logits [N, C, …] and targets [N, …], the share of positions where it is. Logits with a NaN among them are never right.
 */
export const accuracy: Metric = (output, target) => {
  const right = eq(argmax(output, { axis: 1 }), cast(target, 'int32'));
  return perSample(logicalAnd(right, free(output)));
};

/**
 * Whether the target's class is among the `k` largest logits; where logits tie, the lower class comes first, so that
 * `topK(1)` is {@link accuracy}. Shapes and NaN as there.
 *
 * @throws RangeError unless k is a count.
 */
export function topK(k: number): Metric {
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`topK: k is a count of at least 1, received ${k}`);
  return (output, target) => {
    const actual = unsqueeze(cast(target, 'int32'), 1);
    const own = gather(output, 1, actual);
    const classes = reshape(arange(output.shape[1]!), [1, -1, ...output.shape.slice(2).map(() => 1)]);
    const before = logicalOr(gt(output, own), logicalAnd(eq(output, own), lt(classes, actual)));
    const rank = sum(cast(before, 'int32'), { axis: 1 });
    return perSample(logicalAnd(lt(rank, k), free(output)));
  };
}

/** Where no class has NaN: of several numbers with a NaN the maximum is NaN, which equals nothing. */
function free(output: Tensor): Tensor {
  const most = amax(output, { axis: 1 });
  return eq(most, most);
}

function perSample(truth: Tensor): Tensor {
  if (truth.rank === 1) return truth;
  return mean(cast(truth, 'float32'), { axis: Array.from({ length: truth.rank - 1 }, (_, i) => i + 1) });
}
