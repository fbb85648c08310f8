import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { applyElementwise, call, elementwise, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkSameShape } from '../operands.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

export interface HingeOptions extends ReductionOptions {
  /** By how much a score must be on the right side to cost nothing. Default 1. */
  readonly margin?: number;
}

export const Hinge: OpDef<{ readonly margin: number }> = elementwise({
  name: 'hinge',
  expr({ margin }, x, t) {
    const short = call('sub', margin, call('mul', t, x));
    return call('select', call('le', short, 0), 0, short);
  },
});

/**
 * max(0, margin − t x), the loss of a support vector machine; by default its mean over all elements. At the margin the
 * gradient is 0.
 *
 * @param input scores, any shape.
 * @param target −1 or 1, of the same shape.
 * @throws ShapeError for another shape; OptionError for unknown options.
 *
 * Source: Cortes and Vapnik 1995, https://doi.org/10.1007/BF00994018
 */
export function hinge(input: Tensor, target: Tensor, options: HingeOptions = {}): Tensor {
  unknownOptions('hinge', options, ['margin', 'reduction']);
  const { margin = 1, reduction = 'mean' } = options;
  if (!Number.isFinite(margin))
    throw new OptionError('hinge', [`margin must be a finite number, received ${formatValue(margin)}`]);
  checkReduction('hinge', reduction);
  checkSameShape('hinge', input, target);
  return reduced(applyElementwise(Hinge, { margin }, [input, target], 'float'), reduction);
}
