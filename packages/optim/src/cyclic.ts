import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, cast, div, floor, le, mul, pow, sub, type Tensor, where } from '@lemmata/tensor';
import { checkCounts, checkRates, type Schedule } from './schedule.js';

export interface CyclicOptions {
  /** Where each cycle begins and ends. */
  readonly base: number;
  /** What the first cycle rises to. Below `base` it falls: so does a momentum while the rate rises. */
  readonly peak: number;
  /** Steps from base to peak. Default 2,000. */
  readonly up?: number;
  /** Steps from peak to base. Default as many as up. */
  readonly down?: number;
  /**
   * How high cycle n, from 0, rises above the base: always the same (`triangular`), half of the one before (`triangular2`), or
   * step by step `gamma` times less (`expRange`). Default triangular.
   */
  readonly mode?: 'triangular' | 'triangular2' | 'expRange';
  /** Of `expRange`, from 0 to 1. Default 1. */
  readonly gamma?: number;
}

/**
 * Up and down in straight lines, over and over (PyTorch's CyclicLR).
 *
 * Source: Smith 2017, https://arxiv.org/abs/1506.01186.
 */
export function cyclic(options: CyclicOptions): Schedule {
  unknownOptions('cyclic', options, ['base', 'peak', 'up', 'down', 'mode', 'gamma']);
  const { base, peak, up = 2000, down = up, mode = 'triangular', gamma = 1 } = options;
  checkRates('cyclic', { base, peak });
  checkCounts('cyclic', { up, down }, 1);
  const reasons: string[] = [];
  if (typeof mode !== 'string' || !Object.hasOwn(HEIGHTS, mode))
    reasons.push(`mode must be ${Object.keys(HEIGHTS).join(', ')}, received ${formatValue(mode)}`);
  if (!(Number.isFinite(gamma) && gamma >= 0 && gamma <= 1))
    reasons.push(`gamma must be from 0 to 1, received ${formatValue(gamma)}`);
  if (gamma !== 1 && mode !== 'expRange')
    reasons.push(`gamma belongs to mode 'expRange', received mode ${formatValue(mode)}`);
  if (reasons.length > 0) throw new OptionError('cyclic', reasons);
  const length = up + down;
  return (step) => {
    const done = cast(step, 'float64');
    const cycle = floor(div(done, length));
    const within = sub(done, mul(cycle, length));
    const rise = where(le(within, up), div(within, up), div(sub(length, within), down));
    return add(mul(mul(rise, HEIGHTS[mode](cycle, done, gamma)), peak - base), base);
  };
}

const HEIGHTS: Readonly<
  Record<NonNullable<CyclicOptions['mode']>, (cycle: Tensor, done: Tensor, gamma: number) => Tensor | number>
> = {
  triangular: () => 1,
  triangular2: (cycle) => pow(0.5, cycle),
  expRange: (_cycle, done, gamma) => pow(gamma, done),
};
