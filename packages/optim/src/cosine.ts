import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, cast, cos, div, floorDivide, mul, sub, type Tensor } from '@lemmata/tensor';
import { checkCounts, checkRates, progress, staircase, warmup, type Schedule } from './schedule.js';

export interface CosineOptions {
  /** The largest rate, reached after the warm-up. */
  readonly peak: number;
  /** Steps in all, warm-up included; afterwards the rate stays `final`. */
  readonly steps: number;
  /** Steps in which the rate rises linearly from peak / warmup, see `warmup`. Default 0. */
  readonly warmup?: number;
  /** The last rate. Default 0. */
  readonly final?: number;
}

/**
 * Half a cosine from `peak` down to `final`: final + (peak − final) · ½(1 + cos πt), t from 0 to 1 after the warm-up.
 * For one that rises again see {@link cosineAnnealing}.
 *
 * Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983, without restarts.
 */
export function cosine(options: CosineOptions): Schedule {
  unknownOptions('cosine', options, ['peak', 'steps', 'warmup', 'final']);
  const { peak, steps, warmup: rise = 0, final = 0 } = options;
  checkRates('cosine', { peak, final });
  checkCounts('cosine', { steps }, 1);
  checkCounts('cosine', { warmup: rise }, 0);
  if (rise >= steps)
    throw new OptionError('cosine', [`warmup must be less than steps, received ${formatValue(rise)} and ${steps}`]);
  const falling: Schedule = (step) => halfCosine(peak, final, progress(cast(step, 'float64'), steps - rise));
  return rise === 0 ? falling : warmup(falling, { steps: rise });
}

export interface CosineAnnealingOptions {
  /** The first rate, and the largest. */
  readonly peak: number;
  /** Steps from `peak` to `final`, and from there back. */
  readonly steps: number;
  /** The least rate. Default 0. */
  readonly final?: number;
}

/**
 * Half a cosine from `peak` down to `final`, up again, and so on: final + (peak − final) · ½(1 + cos(π step / steps))
 * (PyTorch's CosineAnnealingLR). {@link cosine} stays down.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 */
export function cosineAnnealing(options: CosineAnnealingOptions): Schedule {
  unknownOptions('cosineAnnealing', options, ['peak', 'steps', 'final']);
  const { peak, steps, final = 0 } = options;
  checkRates('cosineAnnealing', { peak, final });
  checkCounts('cosineAnnealing', { steps }, 1);
  return (step) => halfCosine(peak, final, div(cast(step, 'float64'), steps));
}

/** From `from` at t = 0 to `to` at t = 1 along half a cosine. */
export function halfCosine(from: number, to: number, t: Tensor): Tensor {
  return add(mul(add(cos(mul(t, Math.PI)), 1), (from - to) / 2), to);
}

export interface WarmRestartsOptions {
  /** The rate at each restart. */
  readonly peak: number;
  /** Steps of the first cycle. */
  readonly steps: number;
  /** How many times longer each cycle is than the one before. A whole number; default 1. */
  readonly growth?: number;
  /** The rate towards which each cycle falls; its last step stays just above. Default 0. */
  readonly final?: number;
}

/**
 * Half cosines from `peak` towards `final`, one after the other (PyTorch's CosineAnnealingWarmRestarts).
 *
 * Source: Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983.
 */
export function warmRestarts(options: WarmRestartsOptions): Schedule {
  unknownOptions('warmRestarts', options, ['peak', 'steps', 'growth', 'final']);
  const { peak, steps, growth = 1, final = 0 } = options;
  checkRates('warmRestarts', { peak, final });
  checkCounts('warmRestarts', { steps, growth }, 1);
  const cycle = growth === 1 ? even(steps) : growing(steps, growth);
  return (step) => {
    const [start, length] = cycle(step);
    return halfCosine(peak, final, div(sub(step, start), length));
  };
}

/** Start and length of the cycle in which a step lies. */
type Cycle = (step: Tensor) => [start: Tensor, length: Tensor | number];

function even(steps: number): Cycle {
  return (step) => [mul(cast(floorDivide(step, steps), 'float64'), steps), steps];
}

/** There are few cycles before the largest int32: a list of starts is exact where a logarithm would miss by one. */
function growing(steps: number, growth: number): Cycle {
  const starts: number[] = [];
  const lengths: number[] = [];
  for (let start = 0, length = steps; start <= 0x7fffffff; start += length, length *= growth) {
    starts.push(start);
    lengths.push(length);
  }
  const rises = (list: readonly number[]): number[] => list.map((value, i) => value - (list[i - 1] ?? 0));
  return (step) => [staircase(step, starts, rises(starts)), staircase(step, starts, rises(lengths))];
}
