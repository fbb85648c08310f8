import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, cast, div, ge, lt, minimum, mul, sub, sum, tensor, where, type Tensor } from '@lemmata/tensor';

/**
 * A learning rate as a function of the number of steps done (an int32 scalar): nothing else is remembered, so that a
 * run that is resumed goes on with the same rates. Computed in float64.
 */
export type Schedule = (step: Tensor) => Tensor;

/** The rate of a schedule after `step` steps, as a number. */
export function rateAt(schedule: Schedule, step: number): number {
  checkCounts('rateAt', { step }, 0);
  return schedule(tensor(step, { dtype: 'int32' })).item();
}

/** The same rate at every step. */
export function constant(rate: number): Schedule {
  checkRates('constant', { rate });
  return () => tensor(rate, { dtype: 'float64' });
}

export interface WarmupOptions {
  /** Steps in which the rate rises. */
  readonly steps: number;
}

/**
 * A straight rise to the first rate of another schedule, which then begins: in step s < steps (s + 1) / steps of that
 * rate, and afterwards what the schedule gives after s − steps steps.
 */
export function warmup(schedule: Schedule, options: WarmupOptions): Schedule {
  unknownOptions('warmup', options, ['steps']);
  const { steps } = options;
  checkCounts('warmup', { steps }, 1);
  const first = tensor(0, { dtype: 'int32' });
  return (step) => {
    const rising = lt(step, steps);
    const rate = schedule(where(rising, first, sub(step, steps)));
    return where(rising, mul(rate, div(add(cast(step, 'float64'), 1), steps)), rate);
  };
}

/** How much of `steps` is done, from 0 to 1, where it stays. */
export function progress(done: Tensor, steps: number): Tensor {
  return minimum(div(done, steps), 1);
}

/** Σ of the values whose place is at or below the step, and 0 before all of them: a staircase, exact at its edges. */
export function staircase(step: Tensor, places: readonly number[], values: readonly number[]): Tensor {
  const reached = cast(ge(step, tensor(places, { shape: [places.length], dtype: 'int32' })), 'float64');
  return sum(mul(reached, tensor(values, { shape: [values.length], dtype: 'float64' })));
}

/** What is wrong with a rate, or null. */
export function checkRate(name: string, value: number): string | null {
  return Number.isFinite(value) && value >= 0
    ? null
    : `${name} must be a finite number of at least 0, received ${formatValue(value)}`;
}

export function checkRates(op: string, rates: Readonly<Record<string, number>>): void {
  refuse(
    op,
    Object.entries(rates).map(([name, value]) => checkRate(name, value)),
  );
}

/** Refuses what is not a whole number from `least` to the largest int32. */
export function checkCounts(op: string, counts: Readonly<Record<string, number>>, least: number): void {
  refuse(
    op,
    Object.entries(counts).map(([name, value]) =>
      Number.isInteger(value) && value >= least && value <= 0x7fffffff
        ? null
        : `${name} must be a whole number of at least ${least}, received ${formatValue(value)}`,
    ),
  );
}

function refuse(op: string, reasons: readonly (string | null)[]): void {
  const found = reasons.filter((reason) => reason !== null);
  if (found.length > 0) throw new OptionError(op, found);
}
