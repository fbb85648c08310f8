import { formatValue, OptionError, Problems, sizeOf, unknownOptions } from '@lemmata/shape';
import {
  add,
  apply,
  cast,
  div,
  eye,
  matmul,
  mul,
  permute,
  reshape,
  sub,
  sum,
  type Tensor,
  transpose,
} from '@lemmata/tensor';
import { checkChannels } from '../batch-norm/op.js';
import { checkGroups } from '../group-norm/op.js';
import { CovarianceRoots } from './roots.js';

export interface DecorrelatedBatchNormOptions {
  /** Blocks of consecutive channels, each decorrelated on its own. It divides C; default 1. */
  readonly groups?: number;
  /** Added to the eigenvalues of the covariance. Above 0; default 1e-3. */
  readonly eps?: number;
}

export interface Decorrelated {
  readonly y: Tensor;
  /** μ, [C] */
  readonly mean: Tensor;
  /** Σ + ε, [groups, d, d] for d = C / groups */
  readonly covariance: Tensor;
  /** (Σ + ε)^(−1/2), [groups, d, d] */
  readonly whitening: Tensor;
}

/**
 * The channels of each group made uncorrelated and of variance 1 over batch and space, by as small a change as does it (ZCA):
 * y = (Σ + ε)^(−1/2) (x − μ) · weight + bias, with the mean μ and the covariance Σ = (x − μ)(x − μ)ᵀ / n of the group's d
 * channels, and the symmetric root.
 *
 * This is the training mode; for the other see {@link decorrelatedBatchNormInference}. The root is taken in float64. Gradients of
 * any order are finite also where eigenvalues repeat, or are 0 but for ε: with more channels than values, say.
 *
 * @param x [N, C, ...spatial]
 * @param weight [C]; null: 1
 * @param bias [C]; null: 0
 * @returns as x
 * @throws ShapeError if sizes or dtypes do not meet, or with one value per channel; OptionError for options it does not know.
 *
 * Source: Huang et al. 2018, https://arxiv.org/abs/1804.08450.
 */
export function decorrelatedBatchNorm(
  x: Tensor,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: DecorrelatedBatchNormOptions = {},
): Tensor {
  return withStatistics('decorrelatedBatchNorm', x, weight, bias, options).y;
}

/** {@link decorrelatedBatchNorm} with the statistics of the batch. */
export function decorrelatedBatchNormWithStatistics(
  x: Tensor,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: DecorrelatedBatchNormOptions = {},
): Decorrelated {
  return withStatistics('decorrelatedBatchNormWithStatistics', x, weight, bias, options);
}

function withStatistics(
  op: string,
  x: Tensor,
  weight: Tensor | null | undefined,
  bias: Tensor | null | undefined,
  options: DecorrelatedBatchNormOptions,
): Decorrelated {
  unknownOptions(op, options, ['groups', 'eps']);
  const { groups = 1, eps = 1e-3 } = options;
  if (!(Number.isFinite(eps) && eps > 0))
    throw new OptionError(op, [`eps must be a finite number above 0, received ${formatValue(eps)}`]);
  const problems = new Problems(op);
  checkAffine(problems, x, { weight, bias });
  if (x.rank >= 2) checkGroups(problems, groups, x.shape[1]);
  if (x.rank >= 2 && countOf(x) === 1) {
    problems.add({
      rule: 'in training each channel needs more than one value, over batch and space, for its covariance',
      received: 1,
      hint: 'Use a larger batch, or inference mode with running statistics',
    });
  }
  problems.throwIfAny({ x: x.shape });
  // Sums over no values are 0, and so are their means.
  const n = Math.max(1, countOf(x));
  const values = byChannel(x, groups);
  const mean = div(sum(values, { axis: 2, keepdims: true }), n);
  const centred = sub(values, mean);
  const spread = cast(div(matmul(centred, transpose(centred)), n), 'float64');
  const whitening = cast(apply(CovarianceRoots, { eps }, [spread])[1], x.dtype);
  return {
    y: affine(matmul(whitening, centred), x, weight, bias),
    mean: reshape(mean, [x.shape[1]]),
    covariance: cast(add(spread, mul(eye(spread.shape[2], undefined, 'float64'), eps)), x.dtype),
    whitening,
  };
}

/**
 * {@link decorrelatedBatchNorm} with given statistics: y = whitening · (x − mean) · weight + bias, an affine map.
 *
 * @param x [N, C, ...spatial]
 * @param mean [C]
 * @param whitening [groups, C / groups, C / groups]
 * @param weight [C]; null: 1
 * @param bias [C]; null: 0
 */
export function decorrelatedBatchNormInference(
  x: Tensor,
  mean: Tensor,
  whitening: Tensor,
  weight?: Tensor | null,
  bias?: Tensor | null,
): Tensor {
  const problems = new Problems('decorrelatedBatchNormInference');
  checkAffine(problems, x, { mean, weight, bias });
  checkWhitening(problems, x, whitening);
  if (whitening.dtype !== x.dtype)
    problems.add({ rule: 'whitening must have the dtype of x', received: whitening.dtype, expected: x.dtype });
  problems.throwIfAny({ x: x.shape, whitening: whitening.shape });
  const [groups, d] = whitening.shape;
  return affine(matmul(whitening, sub(byChannel(x, groups), reshape(mean, [groups, d, 1]))), x, weight, bias);
}

/** Refuses operands other than x [N, C, ...] and floats [C] of its dtype; what was left out fits. */
function checkAffine(
  problems: Problems,
  x: Tensor,
  operands: Readonly<Record<string, Tensor | null | undefined>>,
): void {
  const given = Object.entries(operands).flatMap(([name, t]) => (t ? [[name, t.spec] as const] : []));
  checkChannels(problems, { x: x.spec, ...Object.fromEntries(given) });
}

/** Refuses a whitening of other groups of channels than x has. */
export function checkWhitening(problems: Problems, x: Tensor, whitening: Tensor): void {
  const [groups, rows, columns] = whitening.shape;
  if (whitening.rank !== 3 || rows !== columns || groups * rows !== x.shape[1]) {
    problems.add({
      rule: 'whitening must be [groups, d, d] with groups · d the number of channels of x',
      received: whitening.shape,
    });
  }
}

/** Values of a channel, over batch and space. */
export function countOf(x: Tensor): number {
  return sizeOf([x.shape[0], ...x.shape.slice(2)]);
}

/** [N, C, ...spatial] → [groups, C / groups, N · space] */
function byChannel(x: Tensor, groups: number): Tensor {
  return reshape(channelFirst(x), [groups, x.shape[1] / groups, countOf(x)]);
}

/** [groups, C / groups, N · space] → as x, scaled and shifted by channel. */
function affine(
  whitened: Tensor,
  x: Tensor,
  weight: Tensor | null | undefined,
  bias: Tensor | null | undefined,
): Tensor {
  const [batch, channels, ...space] = x.shape;
  const y = channelFirst(reshape(whitened, [channels, batch, ...space]));
  const along = (t: Tensor): Tensor => reshape(t, [channels, ...space.map(() => 1)]);
  const scaled = weight ? mul(y, along(weight)) : y;
  return bias ? add(scaled, along(bias)) : scaled;
}

/** The first two axes exchanged. */
function channelFirst(x: Tensor): Tensor {
  return permute(x, [1, 0, ...x.shape.slice(2).map((_, axis) => axis + 2)]);
}
