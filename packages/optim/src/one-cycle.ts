import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, cast, div, lt, mul, sub, where, type Tensor } from '@lemmata/tensor';
import { halfCosine } from './cosine.js';
import { checkCounts, checkRates, type Schedule } from './schedule.js';

/** When a cycle turns. */
export interface CycleOptions {
  /** Steps in all, at least 2; afterwards the last value stays. */
  readonly steps: number;
  /** The part of the steps in which the rate rises. Default 0.3. */
  readonly rise?: number;
  /** Default 'cosine'. */
  readonly curve?: 'cosine' | 'linear';
  /** Fall to the first rate in as many steps as it rose, then on to the last one. Default false: in one sweep. */
  readonly threePhase?: boolean;
}

export interface OneCycleOptions extends CycleOptions {
  /** The largest rate. */
  readonly peak: number;
  /** The first rate is peak / divide. Default 25. */
  readonly divide?: number;
  /** The last rate is the first / finalDivide. Default 10,000. */
  readonly finalDivide?: number;
}

const CYCLE = ['steps', 'rise', 'curve', 'threePhase'];

/**
 * Up to `peak` and down to nearly nothing (PyTorch's OneCycleLR; for its momentum see {@link oneCycleMomentum}).
 *
 * Source: Smith & Topin 2019, https://arxiv.org/abs/1708.07120.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  unknownOptions('oneCycle', options, ['peak', 'divide', 'finalDivide', ...CYCLE]);
  const { peak, divide = 25, finalDivide = 1e4, threePhase } = options;
  checkRates('oneCycle', { peak });
  const reasons = Object.entries({ divide, finalDivide })
    .filter(([, value]) => !(Number.isFinite(value) && value > 0))
    .map(([name, value]) => `${name} must be a finite number above 0, received ${formatValue(value)}`);
  // What is no number is refused with the rest, and nothing divided by it.
  const [first, last] = reasons.length > 0 ? [peak, peak] : [peak / divide, peak / divide / finalDivide];
  return cycle('oneCycle', options, threePhase ? [first, peak, first, last] : [first, peak, last], reasons);
}

export interface OneCycleMomentumOptions extends CycleOptions {
  /** At first and in the end. Default 0.95. */
  readonly highest?: number;
  /** When the rate is largest. Default 0.85. */
  readonly lowest?: number;
}

/**
 * The momentum beside {@link oneCycle}, told the same steps: down while the rate rises, and up again. It is the `momentum` of
 * `sgd` and `rmsprop`, or the first of the `betas` of `adam` and `adamw`.
 *
 * Source: Smith & Topin 2019, https://arxiv.org/abs/1708.07120.
 */
export function oneCycleMomentum(options: OneCycleMomentumOptions): Schedule {
  unknownOptions('oneCycleMomentum', options, ['highest', 'lowest', ...CYCLE]);
  const { highest = 0.95, lowest = 0.85, threePhase } = options;
  const reasons = Object.entries({ highest, lowest })
    .filter(([, value]) => !(Number.isFinite(value) && value >= 0 && value < 1))
    .map(([name, value]) => `${name} must be from 0 to below 1, received ${formatValue(value)}`);
  const turns = threePhase ? [highest, lowest, highest, highest] : [highest, lowest, highest];
  return cycle('oneCycleMomentum', options, turns, reasons);
}

/** From each value to the next, one phase after the other. */
function cycle(
  op: string,
  { steps, rise = 0.3, curve = 'cosine', threePhase = false }: CycleOptions,
  values: readonly number[],
  reasons: string[],
): Schedule {
  checkCounts(op, { steps }, 2);
  if (!(Number.isFinite(rise) && rise >= 0 && rise < 1))
    reasons.push(`rise must be from 0 to below 1, received ${formatValue(rise)}`);
  else if (threePhase === true && rise > 0.5)
    reasons.push(`with three phases rise must be at most 0.5, received ${formatValue(rise)}`);
  if (curve !== 'cosine' && curve !== 'linear')
    reasons.push(`curve must be 'cosine' or 'linear', received ${formatValue(curve)}`);
  if (typeof threePhase !== 'boolean')
    reasons.push(`threePhase must be true or false, received ${formatValue(threePhase)}`);
  if (reasons.length > 0) throw new OptionError(op, reasons);

  const top = rise * steps - 1;
  const turns = threePhase ? [0, top, 2 * top, steps - 1] : [0, top, steps - 1];
  const between = curve === 'linear' ? straight : halfCosine;
  return (step) => {
    const done = cast(step, 'float64');
    // A phase without length is behind whenever the step is not before it.
    let value: Tensor | number = values[values.length - 1]!;
    for (let i = turns.length - 1; i > 0; i--) {
      const [start, end] = [turns[i - 1]!, turns[i]!];
      const [from, to] = [values[i - 1]!, values[i]!];
      value = where(lt(done, end), between(from, to, div(sub(done, start), end - start)), value);
    }
    return value as Tensor;
  };
}

function straight(from: number, to: number, t: Tensor): Tensor {
  return add(mul(t, to - from), from);
}
