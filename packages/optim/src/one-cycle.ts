import { OptionError, unknownOptions } from '@lemmata/shape';
import { add, cast, div, lt, mul, sub, where, type Tensor } from '@lemmata/tensor';
import { halfCosine } from './cosine.js';
import { checkCounts, checkRates, type Schedule } from './schedule.js';

export interface OneCycleOptions {
  /** The largest rate. */
  readonly peak: number;
  /** Steps in all, at least 2; afterwards the rate stays the last one. */
  readonly steps: number;
  /** The part of the steps in which the rate rises. Default 0.3. */
  readonly rise?: number;
  /** Default 'cosine'. */
  readonly curve?: 'cosine' | 'linear';
  /** The first rate is peak / divide. Default 25. */
  readonly divide?: number;
  /** The last rate is the first / finalDivide. Default 10,000. */
  readonly finalDivide?: number;
  /** Fall to the first rate in as many steps as it rose, then on to the last one. Default false: in one sweep. */
  readonly threePhase?: boolean;
}

const names = ['peak', 'steps', 'rise', 'curve', 'divide', 'finalDivide', 'threePhase'];

/**
 * Up to `peak` and down to nearly nothing (PyTorch's OneCycleLR, of which it leaves the momentum alone).
 *
 * Source: Smith & Topin 2019, https://arxiv.org/abs/1708.07120.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  unknownOptions('oneCycle', options, names);
  const { peak, steps, rise = 0.3, curve = 'cosine', divide = 25, finalDivide = 1e4, threePhase = false } = options;
  checkRates('oneCycle', { peak });
  checkCounts('oneCycle', { steps }, 2);
  const reasons: string[] = [];
  if (!(rise >= 0 && rise < 1)) reasons.push(`rise must be from 0 to below 1, received ${rise}`);
  else if (threePhase === true && rise > 0.5)
    reasons.push(`with three phases rise must be at most 0.5, received ${rise}`);
  if (curve !== 'cosine' && curve !== 'linear')
    reasons.push(`curve must be 'cosine' or 'linear', received '${String(curve)}'`);
  for (const [name, value] of Object.entries({ divide, finalDivide })) {
    if (!(value > 0 && Number.isFinite(value)))
      reasons.push(`${name} must be a finite number above 0, received ${value}`);
  }
  if (typeof threePhase !== 'boolean') reasons.push(`threePhase must be true or false, received ${String(threePhase)}`);
  if (reasons.length > 0) throw new OptionError('oneCycle', reasons);

  const first = peak / divide;
  const last = first / finalDivide;
  const top = rise * steps - 1;
  // Where each phase ends, and the rate there. The last one has a length, so that the rate is a tensor in the end.
  const ends = threePhase
    ? ([
        [top, peak],
        [2 * top, first],
        [steps - 1, last],
      ] as const)
    : ([
        [top, peak],
        [steps - 1, last],
      ] as const);
  const between = curve === 'linear' ? straight : halfCosine;
  return (step) => {
    const done = cast(step, 'float64');
    let rate: Tensor | number = last;
    for (let i = ends.length - 1; i >= 0; i--) {
      const [end, to] = ends[i]!;
      const [start, from] = i === 0 ? [0, first] : ends[i - 1]!;
      if (end > start) rate = where(lt(done, end), between(from, to, div(sub(done, start), end - start)), rate);
    }
    return rate as Tensor;
  };
}

function straight(from: number, to: number, t: Tensor): Tensor {
  return add(mul(t, to - from), from);
}
