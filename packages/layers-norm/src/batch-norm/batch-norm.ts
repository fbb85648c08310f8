import { formatValue, OptionError, Problems, unknownOptions } from '@lemmata/shape';
import { apply, squeeze, type Tensor, unsqueeze } from '@lemmata/tensor';
import { filled } from '../affine.js';
import { BatchNorm, checkChannels, normalise } from './op.js';

export interface BatchNormOptions {
  /** Added to the variance, under the root. Above 0; default 1e-5. */
  readonly eps?: number;
}

/**
 * Each channel of x brought to mean 0 and variance 1 over batch and space, then scaled and shifted:
 * y = (x − μ) / √(σ² + ε) · weight + bias, with the biased variance σ² (divided by n).
 *
 * This is the training mode; for the other see {@link batchNormInference}. No statistics are kept: see
 * {@link batchNormWithStatistics} and {@link batchNormLayer}.
 *
 * @param x [N, C, ...spatial]
 * @param weight [C]; null: 1
 * @param bias [C]; null: 0
 * @returns as x
 * @throws ShapeError if sizes or dtypes do not meet, or with one value per channel, which has no variance.
 *
 * Source: Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167.
 */
export function batchNorm(
  x: Tensor,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  return withStatistics('batchNorm', x, weight, bias, options).y;
}

export interface Normalised {
  readonly y: Tensor;
  /** μ, [C] */
  readonly mean: Tensor;
  /** σ², biased, [C] */
  readonly variance: Tensor;
}

/** {@link batchNorm} with the statistics of the batch. */
export function batchNormWithStatistics(
  x: Tensor,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: BatchNormOptions = {},
): Normalised {
  return withStatistics('batchNormWithStatistics', x, weight, bias, options);
}

function withStatistics(
  op: string,
  x: Tensor,
  weight: Tensor | null | undefined,
  bias: Tensor | null | undefined,
  options: BatchNormOptions,
): Normalised {
  const eps = epsOf(op, options);
  const [y, mean, variance] = apply(BatchNorm, { eps }, [x, weight ?? perChannel(x, 1), bias ?? perChannel(x, 0)]);
  return { y, mean, variance };
}

/**
 * {@link batchNorm} with given statistics: an affine map of each channel.
 *
 * @param x [N, C, ...spatial], or one sample [C]
 * @param mean [C]
 * @param variance [C]; an unbiased estimate, if it was kept as PyTorch keeps it
 * @param weight [C]; null: 1
 * @param bias [C]; null: 0
 * @throws OptionError without mean or variance; ShapeError if sizes or dtypes do not meet.
 */
export function batchNormInference(
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  if (x.rank === 1) {
    return squeeze(batchNormInference(unsqueeze(x, 0), mean, variance, weight, bias, options), 0);
  }
  const eps = epsOf('batchNormInference', options);
  // Statistics that were not kept are null or undefined in programs without types.
  if (!mean || !variance) {
    throw new OptionError('batchNormInference', [
      'mean and variance must be given; those of a batch are taken by batchNorm',
    ]);
  }
  const operands = { mean, variance, weight: weight ?? perChannel(x, 1), bias: bias ?? perChannel(x, 0) };
  const problems = new Problems('batchNormInference');
  checkChannels(problems, { x, ...operands });
  problems.throwIfAny({ x: x.shape });
  return normalise(x, mean, variance, operands.weight, operands.bias, eps);
}

function epsOf(op: string, options: BatchNormOptions): number {
  unknownOptions(op, options, ['eps']);
  const { eps = 1e-5 } = options;
  if (!(Number.isFinite(eps) && eps > 0))
    throw new OptionError(op, [`eps must be a finite number above 0, received ${formatValue(eps)}`]);
  return eps;
}

/** The same number for every channel. An x without channels is refused by the op. */
function perChannel(x: Tensor, value: number): Tensor {
  return filled(x, [x.shape[1] ?? 0], value);
}
