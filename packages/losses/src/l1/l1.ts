import { unknownOptions } from '@lemmata/shape';
import { abs, sub, type Tensor } from '@lemmata/tensor';
import { checkSameShape } from '../operands.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

/**
 * Absolute error |x − t|, by default its mean over all elements. Where both are equal the gradient is 0.
 *
 * @param input any shape.
 * @param target of the same shape.
 * @throws ShapeError for another shape; OptionError for unknown options.
 */
export function l1(input: Tensor, target: Tensor, options: ReductionOptions = {}): Tensor {
  unknownOptions('l1', options, ['reduction']);
  const { reduction = 'mean' } = options;
  checkReduction('l1', reduction);
  checkSameShape('l1', input, target);
  return reduced(abs(sub(input, target)), reduction);
}
