import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { applyElementwise, call, elementwise, type OpDef, type Tensor } from '@lemmata/tensor';
import { checkSameShape } from '../operands.js';
import { checkReduction, reduced, type ReductionOptions } from '../reduction.js';

export interface HuberOptions extends ReductionOptions {
  /** Where the parabola ends and the straight line begins, above 0. Default 1. */
  readonly delta?: number;
}

export const Huber: OpDef<{ readonly delta: number }> = elementwise({
  name: 'huber',
  expr({ delta }, x, t) {
    const d = call('sub', x, t);
    const size = call('abs', d);
    const parabola = call('mul', 0.5, call('mul', d, d));
    return call('select', call('le', size, delta), parabola, call('mul', delta, call('sub', size, 0.5 * delta)));
  },
});

/**
 * ½ d² for |d| ≤ δ, else δ (|d| − ½ δ), where d = x − t; by default its mean over all elements.
 *
 * @param input any shape.
 * @param target of the same shape.
 * @throws ShapeError for another shape; OptionError for unknown options and a δ that is not above 0.
 *
 * Source: Huber 1964, https://doi.org/10.1214/aoms/1177703732
 */
export function huber(input: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  unknownOptions('huber', options, ['delta', 'reduction']);
  const { delta = 1, reduction = 'mean' } = options;
  if (!(Number.isFinite(delta) && delta > 0))
    throw new OptionError('huber', [`delta must be a finite number above 0, received ${formatValue(delta)}`]);
  checkReduction('huber', reduction);
  checkSameShape('huber', input, target);
  return reduced(applyElementwise(Huber, { delta }, [input, target], 'float'), reduction);
}
