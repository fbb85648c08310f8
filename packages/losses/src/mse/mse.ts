import { unknownOptions } from '@lemmata/shape';
import { square, sub, type Tensor } from '@lemmata/tensor';
import { checkSameShape } from '../operands.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

/**
 * Squared error (x − t)², by default its mean over all elements.
 *
 * @param input any shape.
 * @param target of the same shape.
 * @throws ShapeError for another shape; OptionError for unknown options.
 */
export function mse(input: Tensor, target: Tensor, options: ReductionOptions = {}): Tensor {
  unknownOptions('mse', options, ['reduction']);
  const { reduction = 'mean' } = options;
  checkReduction('mse', reduction);
  checkSameShape('mse', input, target);
  return reduced(square(sub(input, target)), reduction);
}
