import { add, cast, clamp, cos, div, mul, sub, tensor, where, lt, type Tensor } from '@lemmata/tensor';
import { OptionError, unknownOptions } from '@lemmata/shape';

/**
 * A learning rate as a function of the number of steps done (an int32 scalar): nothing else is remembered, so that a
 * run that is resumed goes on with the same rates. Computed in float64.
 */
export type Schedule = (step: Tensor) => Tensor;

/** The same rate at every step. */
export function constant(rate: number): Schedule {
  checkRate('constant', 'rate', rate);
  return () => tensor(rate, { dtype: 'float64' });
}

export interface CosineOptions {
  /** The largest rate, reached after the warm-up. */
  readonly peak: number;
  /** Steps in all, warm-up included; afterwards the rate stays `final`. */
  readonly steps: number;
  /** Steps in which the rate rises linearly from peak / warmup. Default 0. */
  readonly warmup?: number;
  /** The last rate. Default 0. */
  readonly final?: number;
}

/**
 * Half a cosine from `peak` down to `final`: final + (peak − final) · ½(1 + cos(π · t)), t from 0 to 1 after the warm-up.
 *
 * Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, without restarts.
 */
export function cosine(options: CosineOptions): Schedule {
  unknownOptions('cosine', options, ['peak', 'steps', 'warmup', 'final']);
  const { peak, steps, warmup = 0, final = 0 } = options;
  checkRate('cosine', 'peak', peak);
  checkRate('cosine', 'final', final);
  checkCount('cosine', 'steps', steps, 1);
  checkCount('cosine', 'warmup', warmup, 0);
  if (warmup >= steps) throw new OptionError('cosine', [`warmup must be less than steps, received ${warmup} and ${steps}`]);
  return (step) => {
    const done = cast(step, 'float64');
    const t = clamp(div(sub(done, warmup), steps - warmup), { min: 0, max: 1 });
    const falling = add(mul(add(cos(mul(t, Math.PI)), 1), (peak - final) / 2), final);
    return warmup === 0 ? falling : where(lt(done, warmup), mul(add(done, 1), peak / warmup), falling);
  };
}

/** The rate of a schedule after `step` steps, as a number. */
export function rateAt(schedule: Schedule, step: number): number {
  return schedule(tensor(step, { dtype: 'int32' })).item();
}

function checkRate(op: string, name: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value))) throw new OptionError(op, [`${name} must be a finite number of at least 0, received ${value}`]);
}

function checkCount(op: string, name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) throw new OptionError(op, [`${name} must be a whole number of at least ${least}, received ${value}`]);
}
