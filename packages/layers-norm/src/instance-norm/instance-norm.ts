import { narrow, type Tensor } from '@lemmata/tensor';
import type { Normalised } from '../batch-norm/index.js';
import { normaliseGroups } from '../group-norm/group-norm.js';
import { type EpsOptions, epsOf } from '../options.js';

export type InstanceNormOptions = EpsOptions;

/**
 * Each channel of each sample brought to mean 0 and variance 1 over space, then scaled and shifted by channel:
 * y = (x − μ) / √(σ² + ε) · weight + bias, with the biased variance σ² (divided by n). Samples do not see each other.
 *
 * It is group norm with as many groups as channels. With given statistics it is `batchNormInference`.
 *
 * @param x [N, C, ...spatial] with more than one place in space
 * @param weight [C]; null: 1
 * @param bias [C]; null: 0
 * @returns as x
 * @throws ShapeError if sizes or dtypes do not meet, or with one place, where there is no variance.
 *
 * Source: Ulyanov, Vedaldi & Lempitsky 2016, https://arxiv.org/abs/1607.08022.
 */
export function instanceNorm(
  x: Tensor,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: InstanceNormOptions = {},
): Tensor {
  return withStatistics('instanceNorm', x, weight, bias, options).y;
}

/** {@link instanceNorm} with the mean and the biased variance of each channel of each sample, [N, C]. */
export function instanceNormWithStatistics(
  x: Tensor,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: InstanceNormOptions = {},
): Normalised {
  return withStatistics('instanceNormWithStatistics', x, weight, bias, options);
}

function withStatistics(
  op: 'instanceNorm' | 'instanceNormWithStatistics',
  x: Tensor,
  weight: Tensor | null | undefined,
  bias: Tensor | null | undefined,
  options: InstanceNormOptions,
): Normalised {
  const channels = x.shape[1] ?? 0;
  // Without channels there is nothing to normalise; one group is as good as none.
  const [y, mean, variance] = normaliseGroups(op, x, Math.max(1, channels), weight, bias, epsOf(op, options));
  const ofChannels = (statistics: Tensor): Tensor => (channels === 0 ? narrow(statistics, 1, 0, 0) : statistics);
  return { y: y, mean: ofChannels(mean), variance: ofChannels(variance) };
}
