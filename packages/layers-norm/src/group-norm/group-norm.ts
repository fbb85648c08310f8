import { Problems } from '@lemmata/shape';
import { apply, type Tensor } from '@lemmata/tensor';
import { filled } from '../affine.js';
import { checkChannels } from '../batch-norm/op.js';
import { type EpsOptions, epsOf } from '../options.js';
import { checkGroups, checkSingles, GroupNorm } from './op.js';

export type GroupNormOptions = EpsOptions;

/**
 * The channels of each sample in `groups` blocks of consecutive ones, each block brought to mean 0 and variance 1 over its
 * channels and space; then each channel is scaled and shifted: y = (x − μ) / √(σ² + ε) · weight + bias, with the biased
 * variance σ² (divided by n). Samples do not see each other, and training is as inference.
 *
 * One group is layer norm over all axes but the batch, as many as channels are instance norm.
 *
 * @param x [N, C, ...spatial]
 * @param groups divides C
 * @param weight [C]; null: 1
 * @param bias [C]; null: 0
 * @returns as x
 * @throws ShapeError if sizes or dtypes do not meet, or if a group is a single value, which has no variance.
 *
 * Source: Wu & He 2018, https://arxiv.org/abs/1803.08494.
 */
export function groupNorm(
  x: Tensor,
  groups: number,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: GroupNormOptions = {},
): Tensor {
  return normaliseGroups('groupNorm', x, groups, weight, bias, epsOf('groupNorm', options))[0];
}

/** y, mean and biased variance of each group, once operands are checked in the name of `op`. */
export function normaliseGroups(
  op: 'groupNorm' | 'instanceNorm' | 'instanceNormWithStatistics',
  x: Tensor,
  groups: number,
  weight: Tensor | null | undefined,
  bias: Tensor | null | undefined,
  eps: number,
): Tensor[] {
  const channels = [x.shape[1] ?? 0];
  const operands = { weight: weight ?? filled(x, channels, 1), bias: bias ?? filled(x, channels, 0) };
  const problems = new Problems(op);
  checkChannels(problems, { x: x.spec, weight: operands.weight.spec, bias: operands.bias.spec });
  if (x.rank >= 2) checkGroups(problems, groups, channels[0]);
  if (x.rank >= 2) checkSingles(problems, op, x.shape, groups);
  problems.throwIfAny({ x: x.shape, weight: operands.weight.shape, bias: operands.bias.shape });
  return apply(GroupNorm, { groups, eps }, [x, operands.weight, operands.bias]);
}
