import { unknownOptions } from '@lemmata/shape';
import { cast, neg, sum, type Tensor } from '@lemmata/tensor';
import { checkIgnoreIndex, classOperands, classWeights, indicator, picked } from '../class-targets.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

export interface NllOptions extends ReductionOptions {
  /** Weight of each class, `[C]`. Default: all 1. */
  readonly weight?: Tensor;
  /** Samples whose target is this number take no part. Default −100. */
  readonly ignoreIndex?: number;
}

/**
 * Negative log-likelihood: −w_t x_t for target t. With `logSoftmax` before it, it is the cross-entropy. The mean divides by
 * the sum of the weights of the targets, ignored ones not counted.
 *
 * @param input logarithms of probabilities, [N, C, ...] or [C].
 * @param targets int32 class numbers [N, ...] or [].
 * @returns a scalar, or [N, ...] (or []) without reduction.
 * @throws ValueError, when it is computed, for a number that is no class; ShapeError, TypeError and OptionError for what
 * does not fit.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export function nll(input: Tensor, targets: Tensor, options: NllOptions = {}): Tensor {
  unknownOptions('nll', options, ['weight', 'ignoreIndex', 'reduction']);
  const { weight, ignoreIndex = -100, reduction = 'mean' } = options;
  checkReduction('nll', reduction);
  checkIgnoreIndex('nll', ignoreIndex);
  const { input: x, targets: given, restore } = classOperands('nll', input, targets, false);
  const hot = indicator('nll', x, given, ignoreIndex);
  const q = weight === undefined ? hot : picked(hot, classWeights('nll', x, cast(weight, x.dtype)));
  const losses = restore(neg(sum(picked(q, x), { axis: 1 })));
  return reduced(losses, reduction, q);
}
