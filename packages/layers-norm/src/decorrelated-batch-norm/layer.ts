import type { Layer } from '@lemmata/nn';
import { formatValue, Problems, ShapeError, unknownOptions } from '@lemmata/shape';
import { broadcastTo, cast, eye, type Tensor, zeros } from '@lemmata/tensor';
import { type AffineParams, affineParams } from '../affine.js';
import { checkGroups } from '../group-norm/op.js';
import { affineReasons, refuse } from '../options.js';
import { advance, type BatchCount, momentumReasons, type RunningOptions, startCount } from '../running.js';
import {
  checkWhitening,
  countOf,
  decorrelatedBatchNormInference,
  type DecorrelatedBatchNormOptions,
  decorrelatedBatchNormWithStatistics,
} from './decorrelated-batch-norm.js';

export interface DecorrelatedBatchNormLayerOptions extends DecorrelatedBatchNormOptions, RunningOptions {
  /** Learn a weight and a bias. Default true. */
  readonly affine?: boolean;
  /** Keep statistics for inference. Default true; without them inference takes those of its own batch. */
  readonly trackRunningStats?: boolean;
}

export interface DecorrelatedBatchNormState extends BatchCount {
  /** [C], zeros at first. */
  readonly running_mean?: Tensor;
  /** [groups, d, d], identities at first: the mean of whitening matrices, not the whitening of a mean covariance. */
  readonly running_whitening?: Tensor;
}

/**
 * {@link decorrelatedBatchNorm} of inputs [C, ...spatial]. In training the statistics are those of the batch, and the running
 * ones move towards them: running ← running + momentum · (batch − running). In inference the running ones take their place, as
 * constants for the gradient, and nothing changes.
 *
 * @throws ShapeError in training with one value per channel, or for channels that the groups do not divide; OptionError for
 * options it does not know.
 *
 * Source: Huang et al. 2018, https://arxiv.org/abs/1804.08450.
 */
export function decorrelatedBatchNormLayer(
  options: DecorrelatedBatchNormLayerOptions = {},
): Layer<AffineParams, DecorrelatedBatchNormState> {
  const op = 'decorrelatedBatchNormLayer';
  unknownOptions(op, options, ['groups', 'eps', 'momentum', 'affine', 'trackRunningStats']);
  const { groups = 1, eps, momentum = 0.1, affine = true, trackRunningStats = true } = options;
  const reasons = [...affineReasons({ eps, affine, trackRunningStats }), ...momentumReasons(momentum)];
  if (!Number.isSafeInteger(groups) || groups < 1)
    reasons.unshift(`groups must be a positive integer, received ${formatValue(groups)}`);
  refuse(op, reasons);
  const rest = { groups, ...(eps === undefined ? {} : { eps }) };
  return {
    kind: 'decorrelatedBatchNorm',
    init(_key, inputShape) {
      const [channels] = inputShape;
      if (channels === undefined) {
        throw new ShapeError('decorrelatedBatchNorm', [
          { rule: 'the input is [C, ...spatial], without the batch', received: [...inputShape] },
        ]);
      }
      const problems = new Problems('decorrelatedBatchNorm');
      checkGroups(problems, groups, channels);
      problems.throwIfAny({ input: inputShape });
      const d = channels / groups;
      return {
        params: affineParams([channels], affine, true),
        state: trackRunningStats
          ? {
              running_mean: zeros([channels]),
              running_whitening: broadcastTo(eye(d), [groups, d, d]),
              ...startCount(momentum),
            }
          : {},
        outputShape: inputShape,
      };
    },
    apply({ weight, bias }, state, x, { train }) {
      const { running_mean, running_whitening } = state;
      if (!train && running_mean !== undefined && running_whitening !== undefined) {
        const [mean, whitening] = [running_mean, running_whitening].map((t) => cast(t, x.dtype));
        return [decorrelatedBatchNormInference(x, mean, whitening, weight, bias), state];
      }
      const { y, mean, whitening } = decorrelatedBatchNormWithStatistics(x, weight, bias, rest);
      // A batch of no values says nothing about them.
      if (!train || running_mean === undefined || running_whitening === undefined || countOf(x) === 0)
        return [y, state];
      checkRunning(x, groups, running_mean, running_whitening);
      const running = { running_mean, running_whitening };
      const batch = { running_mean: mean, running_whitening: whitening };
      return [y, advance('decorrelatedBatchNorm', running, batch, momentum, state)];
    },
  };
}

/** Statistics of another size would be broadcast. */
function checkRunning(x: Tensor, groups: number, mean: Tensor, whitening: Tensor): void {
  const problems = new Problems('decorrelatedBatchNorm');
  if (mean.rank !== 1 || mean.size !== x.shape[1]) {
    problems.add({
      rule: 'running_mean must have one value for each channel of x',
      received: mean.shape,
      expected: [x.shape[1]],
    });
  }
  checkWhitening(problems, x, whitening);
  if (whitening.shape[0] !== groups)
    problems.add({
      rule: 'running_whitening must have one matrix a group',
      received: whitening.shape,
      expected: groups,
    });
  problems.throwIfAny({ x: x.shape });
}
