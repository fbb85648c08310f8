import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, cast, lt, mul, where } from '@lemmata/tensor';
import { checkCounts, constant, progress, type Schedule } from './schedule.js';

export interface LinearFactorOptions {
  /** What the rate is multiplied by at first: above 0, for a rate of 0 learns nothing, and at most 1. Default 1/3. */
  readonly start?: number;
  /** What it is multiplied by in the end, from 0 to 1. Default 1. */
  readonly end?: number;
  /** Steps from the one to the other; afterwards the factor stays `end`. Default 5. */
  readonly steps?: number;
}

/**
 * A rate, or the rates of a schedule, times a factor that goes from `start` to `end` in a straight line (PyTorch's LinearLR).
 * {@link linear} names the rates themselves.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 */
export function linearFactor(rate: number | Schedule, options: LinearFactorOptions = {}): Schedule {
  unknownOptions('linearFactor', options, ['start', 'end', 'steps']);
  const { start = 1 / 3, end = 1, steps = 5 } = options;
  checkCounts('linearFactor', { steps }, 1);
  const reasons: string[] = [];
  if (!(Number.isFinite(start) && start > 0 && start <= 1))
    reasons.push(`start must be above 0 and at most 1, received ${formatValue(start)}`);
  if (!(Number.isFinite(end) && end >= 0 && end <= 1))
    reasons.push(`end must be from 0 to 1, received ${formatValue(end)}`);
  if (reasons.length > 0) throw new OptionError('linearFactor', reasons);
  const base = scheduleOf(rate);
  return (step) => mul(base(step), add(mul(progress(cast(step, 'float64'), steps), end - start), start));
}

export interface ConstantFactorOptions {
  /** From 0 to 1. Default 1/3. */
  readonly factor?: number;
  /** How many steps it holds. Default 5. */
  readonly steps?: number;
}

/**
 * A rate, or the rates of a schedule, times a factor in the first steps, and as it is afterwards (PyTorch's ConstantLR).
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
 */
export function constantFactor(rate: number | Schedule, options: ConstantFactorOptions = {}): Schedule {
  unknownOptions('constantFactor', options, ['factor', 'steps']);
  const { factor = 1 / 3, steps = 5 } = options;
  checkCounts('constantFactor', { steps }, 0);
  if (!(factor >= 0 && factor <= 1))
    throw new OptionError('constantFactor', [`factor must be from 0 to 1, received ${formatValue(factor)}`]);
  const base = scheduleOf(rate);
  return (step) => mul(base(step), where(lt(step, steps), constant(factor)(step), constant(1)(step)));
}

function scheduleOf(rate: number | Schedule): Schedule {
  return typeof rate === 'function' ? rate : constant(rate);
}
