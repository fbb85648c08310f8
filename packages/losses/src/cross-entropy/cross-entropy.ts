import { arange, cast, eq, logSoftmax, mean, mul, neg, reshape, sum, type Tensor } from '@lemmata/tensor';

/** Mean of −log softmax(logits)[target]: logits [N, C], targets [N] int32. */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const [n, classes] = logits.shape as [number, number];
  const oneHot = cast(eq(reshape(targets, [n, 1]), arange(0, classes, 1, 'int32')), logits.dtype);
  return neg(mean(sum(mul(logSoftmax(logits, 1), oneHot), { axis: 1 })));
}
