import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { checkCounts, checkRates } from './schedule.js';

export interface PlateauOptions {
  /** The first rate. */
  readonly initial: number;
  /** Whether less or more of the measure is better. Default 'min'. */
  readonly mode?: 'min' | 'max';
  /** What the rate is multiplied by, below 1. Default 0.1. */
  readonly factor?: number;
  /** Measurements without a new best that are borne; one more, and the rate falls. Default 10. */
  readonly patience?: number;
  /** By how much a best must be beaten to be so. Default 1e-4. */
  readonly threshold?: number;
  /** Whether the threshold is a part of the best, or stands for itself. Default 'rel'. */
  readonly thresholdMode?: 'rel' | 'abs';
  /** Measurements after a fall that do not count. Default 0. */
  readonly cooldown?: number;
  /** The rate does not fall below it. Default 0. */
  readonly least?: number;
  /** A fall by no more than this is not made. Default 1e-8. */
  readonly eps?: number;
}

/** What is remembered between measurements: plain numbers, which JSON holds but for the best before the first one. */
export interface PlateauState {
  readonly rate: number;
  /** ±∞ before the first measurement. */
  readonly best: number;
  /** Measurements since the best one. */
  readonly waited: number;
  /** Measurements that will still not count. */
  readonly cooling: number;
}

export interface Plateau {
  init(): PlateauState;
  /** After one more measurement. NaN is never better than the best. */
  update(state: PlateauState, measure: number): PlateauState;
}

const NAMES = ['initial', 'mode', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'least', 'eps'];

/**
 * A rate that falls when a measure, such as the loss on held-out data, stops getting better (PyTorch's ReduceLROnPlateau). Other
 * than a {@link Schedule} it cannot be told from the step: what it gives goes into an optimiser that is `controllable`.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export function reduceOnPlateau(options: PlateauOptions): Plateau {
  unknownOptions('reduceOnPlateau', options, NAMES);
  const { initial, mode = 'min', factor = 0.1, patience = 10, cooldown = 0, least = 0, eps = 1e-8 } = options;
  const { threshold = 1e-4, thresholdMode = 'rel' } = options;
  checkRates('reduceOnPlateau', { initial, threshold, least, eps });
  checkCounts('reduceOnPlateau', { patience, cooldown }, 0);
  const reasons: string[] = [];
  if (mode !== 'min' && mode !== 'max') reasons.push(`mode must be 'min' or 'max', received ${formatValue(mode)}`);
  if (thresholdMode !== 'rel' && thresholdMode !== 'abs')
    reasons.push(`thresholdMode must be 'rel' or 'abs', received ${formatValue(thresholdMode)}`);
  if (!(Number.isFinite(factor) && factor >= 0 && factor < 1))
    reasons.push(`factor must be from 0 to below 1, received ${formatValue(factor)}`);
  if (reasons.length > 0) throw new OptionError('reduceOnPlateau', reasons);

  const sign = mode === 'min' ? -1 : 1;
  const better = (measure: number, best: number): boolean => {
    const bound = thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === 'min' ? measure < bound : measure > bound;
  };
  return {
    init: () => ({ rate: initial, best: -sign * Infinity, waited: 0, cooling: 0 }),
    update({ rate, best, waited, cooling }, measure) {
      const improved = better(measure, best);
      const next = improved ? measure : best;
      const cold = cooling > 0;
      const since = improved || cold ? 0 : waited + 1;
      if (since <= patience) return { rate, best: next, waited: since, cooling: cold ? cooling - 1 : 0 };
      const lower = Math.max(rate * factor, least);
      return { rate: rate - lower > eps ? lower : rate, best: next, waited: 0, cooling: cooldown };
    },
  };
}
