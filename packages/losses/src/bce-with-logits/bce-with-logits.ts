import { unknownOptions } from '@lemmata/shape';
import { applyElementwise, call, elementwise, NO_ATTRS, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkBroadcasts, checkSameShape, weighted } from '../operands.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

export interface BceWithLogitsOptions extends ReductionOptions {
  /** Of each element; broadcasts to the input. Default: all 1. */
  readonly weight?: Tensor;
  /** How many times a target of 1 counts; broadcasts to the input, such as [C] for [N, C]. Default: all 1. */
  readonly posWeight?: Tensor;
}

/**
 * −w t ln σ(x) − (1 − t) ln(1 − σ(x)), with −ln σ(x) = softplus(−x): no overflow, and nothing cancels. Inputs: x, t and the
 * weight w of positive targets.
 */
export const BceWithLogits: OpDef = elementwise({
  name: 'bceWithLogits',
  expr(_, x, t, w) {
    const positive = call('mul', call('mul', w, t), call('softplus', call('neg', x)));
    return call('add', positive, call('mul', call('sub', 1, t), call('softplus', x)));
  },
});

/**
 * Binary cross-entropy of logits: −t ln σ(x) − (1 − t) ln(1 − σ(x)), by default its mean over all elements; exact also where
 * σ(x) rounds to 0 or 1.
 *
 * @param input logits, any shape.
 * @param target from 0 to 1, of the same shape.
 * @throws ShapeError for other shapes; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export function bceWithLogits(input: Tensor, target: Tensor, options: BceWithLogitsOptions = {}): Tensor {
  unknownOptions('bceWithLogits', options, ['weight', 'posWeight', 'reduction']);
  const { weight, posWeight, reduction = 'mean' } = options;
  checkReduction('bceWithLogits', reduction);
  checkSameShape('bceWithLogits', input, target);
  if (posWeight !== undefined) checkBroadcasts('bceWithLogits', 'posWeight', input, posWeight);
  const losses = applyElementwise(BceWithLogits, NO_ATTRS, [input, target, posWeight ?? 1], 'float');
  return reduced(weighted('bceWithLogits', losses, weight), reduction);
}
