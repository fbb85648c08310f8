import { unknownOptions } from '@lemmata/shape';
import {
  apply,
  applyElementwise,
  call,
  cast,
  elementwise,
  mul,
  neg,
  NO_ATTRS,
  type OpDef,
  sum,
  type Tensor,
} from '@lemmata/tensor';
import { checkIgnoreIndex, classOperands, classWeights, indicator } from '../class-targets.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

export interface NllOptions extends ReductionOptions {
  /** Weight of each class, `[C]`. Default: all 1. */
  readonly weight?: Tensor;
  /** Samples whose target is this number take no part. Default −100. */
  readonly ignoreIndex?: number;
}

/** q · x, but 0 where q is 0: a class that is not the target takes no part, neither at x = −∞ nor where the upstream is 1/0. */
const Picked: OpDef = {
  ...elementwise({ name: 'picked', expr: (_, q, x) => call('chain', q, x) }),
  vjp(_attrs, [upstream], [q, x], _outputs, wants) {
    if (upstream === null) return [null, null];
    return [wants[0] ? mul(upstream, x) : null, wants[1] ? apply(Picked, NO_ATTRS, [q, upstream])[0] : null];
  },
};

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
  const q = weight === undefined ? hot : mul(hot, classWeights('nll', x, cast(weight, x.dtype)));
  const losses = restore(neg(sum(applyElementwise(Picked, NO_ATTRS, [q, x]), { axis: 1 })));
  return reduced(losses, reduction, q);
}
