import { formatValue, OptionError, ShapeError, unknownOptions } from '@lemmata/shape';
import { add, div, mul, sub, sum, type Tensor } from '@lemmata/tensor';
import { checkSameShape } from '../operands.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

export interface DiceOptions extends ReductionOptions {
  /** Added above and below the line, so that an empty mask that is found empty costs 0. Default 1. */
  readonly smooth?: number;
}

/**
 * 1 − (2 Σ p t + s) / (Σ p + Σ t + s), the sums over all places of a channel; by default its mean over samples and channels.
 *
 * @param input probabilities [N, C, ...].
 * @param target 0 or 1 (or probabilities), of the same shape.
 * @returns a scalar, or [N, C] without reduction.
 * @throws ShapeError for other shapes; OptionError for unknown options.
 *
 * Source: Milletari et al. 2016, https://arxiv.org/abs/1606.04797
 */
export function dice(input: Tensor, target: Tensor, options: DiceOptions = {}): Tensor {
  unknownOptions('dice', options, ['smooth', 'reduction']);
  const { smooth = 1, reduction = 'mean' } = options;
  if (!(Number.isFinite(smooth) && smooth >= 0))
    throw new OptionError('dice', [`smooth must be a finite number of at least 0, received ${formatValue(smooth)}`]);
  checkReduction('dice', reduction);
  checkSameShape('dice', input, target);
  if (input.rank < 3)
    throw new ShapeError('dice', [
      { rule: 'the input is [N, C, ...] with at least one axis of places', received: input.shape },
    ]);
  const axis = input.shape.slice(2).map((_, i) => i + 2);
  const both = mul(2, sum(mul(input, target), { axis }));
  const each = add(sum(input, { axis }), sum(target, { axis }));
  return reduced(sub(1, div(add(both, smooth), add(each, smooth))), reduction);
}
