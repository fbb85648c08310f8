import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, apply, cast, mul, NO_ATTRS, sum, type Tensor } from '@lemmata/tensor';
import { checkIgnoreIndex, classOperands, classWeights, indicator, picked } from '../class-targets.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';
import { SoftmaxCrossEntropy } from './op.js';

export interface CrossEntropyOptions extends ReductionOptions {
  /** Weight of each class, `[C]`. Default: all 1. */
  readonly weight?: Tensor;
  /** Samples whose target is this number take no part. Default −100. */
  readonly ignoreIndex?: number;
  /** From 0 to 1: how much of the target is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * −Σ_c w_c q_c ln softmax(x)_c, where q is the target: 1 at the class of its number, or a probability for each class.
 * Smoothing makes it (1 − ε) q + ε / C.
 *
 * The mean over class numbers divides by the sum of the weights of the targets, ignored ones not counted (0/0 = NaN if all
 * are, with gradient 0); that over probabilities by the number of samples.
 *
 * @param input logits [N, C, ...] or [C].
 * @param targets int32 class numbers [N, ...] or [], or probabilities of the input's shape.
 * @returns a scalar, or [N, ...] (or []) without reduction.
 * @throws ValueError, when it is computed, for a number that is no class; ShapeError, TypeError and OptionError for what
 * does not fit.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export function crossEntropy(input: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  unknownOptions('crossEntropy', options, ['weight', 'ignoreIndex', 'labelSmoothing', 'reduction']);
  const { weight, ignoreIndex = -100, labelSmoothing = 0, reduction = 'mean' } = options;
  checkReduction('crossEntropy', reduction);
  checkIgnoreIndex('crossEntropy', ignoreIndex);
  if (!(Number.isFinite(labelSmoothing) && labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new OptionError('crossEntropy', [
      `labelSmoothing lies between 0 and 1, received ${formatValue(labelSmoothing)}`,
    ]);
  }
  const { input: logits, targets: given, kind, restore } = classOperands('crossEntropy', input, targets, true);
  const weights = weight === undefined ? undefined : classWeights('crossEntropy', logits, cast(weight, logits.dtype));
  const hot = kind === 'classes' ? indicator('crossEntropy', logits, given, ignoreIndex) : cast(given, logits.dtype);
  let q = hot;
  if (labelSmoothing > 0) {
    // Ignored samples have no share to spread.
    const shares = kind === 'classes' ? sum(hot, { axis: 1, keepdims: true }) : 1;
    q = add(mul(hot, 1 - labelSmoothing), mul(shares, labelSmoothing / logits.shape[1]));
  }
  const losses = restore(
    apply(SoftmaxCrossEntropy, NO_ATTRS, [logits, weights === undefined ? q : picked(q, weights)])[0],
  );
  if (kind === 'probabilities') return reduced(losses, reduction);
  return reduced(losses, reduction, weights === undefined ? hot : picked(hot, weights));
}
