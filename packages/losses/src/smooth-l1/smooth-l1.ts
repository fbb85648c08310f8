import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { applyElementwise, div, type Tensor } from '@lemmata/tensor';
import { Huber } from '../huber/huber.js';
import { l1 } from '../l1/l1.js';
import { checkSameShape } from '../operands.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

export interface SmoothL1Options extends ReductionOptions {
  /** Where the parabola ends and the straight line begins. 0 is `l1`. Default 1. */
  readonly beta?: number;
}

/**
 * ½ d² / β for |d| ≤ β, else |d| − ½ β, where d = x − t: a Huber loss of δ = β, divided by β. By default its mean over all
 * elements.
 *
 * @param input any shape.
 * @param target of the same shape.
 * @throws ShapeError for another shape; OptionError for unknown options and a negative β.
 *
 * Source: Girshick 2015, https://arxiv.org/abs/1504.08083
 */
export function smoothL1(input: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  unknownOptions('smoothL1', options, ['beta', 'reduction']);
  const { beta = 1, reduction = 'mean' } = options;
  if (!(Number.isFinite(beta) && beta >= 0))
    throw new OptionError('smoothL1', [`beta must be a finite number of at least 0, received ${formatValue(beta)}`]);
  checkReduction('smoothL1', reduction);
  checkSameShape('smoothL1', input, target);
  if (beta === 0) return l1(input, target, { reduction });
  return reduced(div(applyElementwise(Huber, { delta: beta }, [input, target], 'float'), beta), reduction);
}
