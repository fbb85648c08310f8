import { asTensor } from '../create.js';
import { unknownOptions } from '@lemmata/shape';
import { elementwise } from '../elementwise/op.js';
import { call } from '../expr.js';
import { apply } from '../interpreter.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { div, mul, sub } from './arithmetic.js';
import { toFloat } from './dtypes.js';
import { reducedAxes, type ReduceOptions } from './reduce.js';
import { sum } from './sum.js';

/** Σ x / n over `axis` (default: all axes). Integers become float32. The mean of no elements is NaN. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const t = toFloat(asTensor(x, 'mean'));
  const axes = reducedAxes('mean', t.rank, options);
  return div(sum(t, { axis: axes, keepdims: options.keepdims }), countAlong(t, axes));
}

export interface VarianceOptions extends ReduceOptions {
  /** What is taken off the number of elements in the divisor: 1 (default) for an unbiased estimate, 0 for that of a population. */
  readonly correction?: number | undefined;
}

/**
 * Σ (x − mean)² / (n − correction) over `axis` (default: all axes). The mean is taken off first, so that a large one costs
 * no digits. Integers become float32.
 *
 * A divisor below 0 counts as 0: with n ≤ correction the result is NaN where all elements are equal, as those of one are,
 * and ∞ elsewhere.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.var.html
 */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  return varianceFor('variance', x, options);
}

function varianceFor(op: string, x: Tensor, { correction = 1, ...options }: VarianceOptions): Tensor {
  if (!Number.isFinite(correction))
    throw new RangeError(`${op}: correction is a finite number, received ${String(correction)}`);
  unknownOptions(op, options, ['axis', 'keepdims', 'correction']);
  const t = toFloat(asTensor(x, op));
  const axes = reducedAxes(op, t.rank, options);
  const centred = sub(t, mean(t, { axis: axes, keepdims: true }));
  return div(
    sum(mul(centred, centred), { axis: axes, keepdims: options.keepdims }),
    Math.max(0, countAlong(t, axes) - correction),
  );
}

/** √{@link variance}. Where all elements are equal it has a kink at 0, at which its gradient is taken to be 0. */
export function std(x: Tensor, options: VarianceOptions = {}): Tensor {
  return apply(RootOrZero, NO_ATTRS, [varianceFor('std', x, options)])[0];
}

/** √x with derivative 0 at 0, where that of √x is infinite. */
const RootOrZero: OpDef = elementwise({
  name: 'rootOrZero',
  expr: (_, x) => {
    const zero = call('eq', x, 0);
    return call('select', zero, 0, call('sqrt', call('select', zero, 1, x)));
  },
});

function countAlong(x: Tensor, axes: readonly number[]): number {
  return axes.reduce((product, axis) => product * x.shape[axis], 1);
}
