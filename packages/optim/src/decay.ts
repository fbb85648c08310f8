import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { add, cast, floorDivide, mul, pow, sub } from '@lemmata/tensor';
import { checkCounts, checkRates, progress, staircase, type Schedule } from './schedule.js';

export interface StepDecayOptions {
  /** The rate of the first step. */
  readonly initial: number;
  /** Steps between two changes. */
  readonly every: number;
  /** What the rate is multiplied by at each. Default 0.1. */
  readonly factor?: number;
}

/** initial · factor^⌊step / every⌋ (PyTorch's StepLR). */
export function stepDecay(options: StepDecayOptions): Schedule {
  unknownOptions('stepDecay', options, ['initial', 'every', 'factor']);
  const { initial, every, factor = 0.1 } = options;
  checkRates('stepDecay', { initial, factor });
  checkCounts('stepDecay', { every }, 1);
  return (step) => mul(pow(factor, cast(floorDivide(step, every), 'float64')), initial);
}

export interface MultiStepOptions {
  /** The rate of the first step. */
  readonly initial: number;
  /** The steps from which on the rate is multiplied once more, in any order; one that is there twice counts twice. */
  readonly milestones: readonly number[];
  /** Default 0.1. */
  readonly factor?: number;
}

/** initial · factor^(number of milestones ≤ step) (PyTorch's MultiStepLR). */
export function multiStep(options: MultiStepOptions): Schedule {
  unknownOptions('multiStep', options, ['initial', 'milestones', 'factor']);
  const { initial, milestones, factor = 0.1 } = options;
  checkRates('multiStep', { initial, factor });
  if (!Array.isArray(milestones))
    throw new OptionError('multiStep', [`milestones must be a list of steps, received ${formatValue(milestones)}`]);
  checkCounts('multiStep', Object.fromEntries(milestones.map((m, i) => [`milestones[${i}]`, m])), 0);
  const ones = milestones.map(() => 1);
  return (step) => mul(pow(factor, staircase(step, milestones, ones)), initial);
}

export interface ExponentialOptions {
  /** The rate of the first step. */
  readonly initial: number;
  /** What the rate is multiplied by in each step. */
  readonly factor: number;
}

/** initial · factor^step (PyTorch's ExponentialLR). */
export function exponential(options: ExponentialOptions): Schedule {
  unknownOptions('exponential', options, ['initial', 'factor']);
  const { initial, factor } = options;
  checkRates('exponential', { initial, factor });
  return (step) => mul(pow(factor, cast(step, 'float64')), initial);
}

export interface LinearOptions {
  /** The rate of the first step. */
  readonly initial: number;
  /** Default 0. */
  readonly final?: number;
  /** Steps from the one to the other; afterwards the rate stays `final`. */
  readonly steps: number;
}

/** In a straight line from initial to final: initial + (final − initial) · min(step / steps, 1) (PyTorch's LinearLR). */
export function linear(options: LinearOptions): Schedule {
  unknownOptions('linear', options, ['initial', 'final', 'steps']);
  return polynomialFor('linear', { ...options, power: 1 });
}

export interface PolynomialOptions extends LinearOptions {
  /** Default 1: a straight line. */
  readonly power?: number;
}

/** final + (initial − final) · (1 − min(step / steps, 1))^power (PyTorch's PolynomialLR, whose final rate is 0). */
export function polynomial(options: PolynomialOptions): Schedule {
  unknownOptions('polynomial', options, ['initial', 'final', 'steps', 'power']);
  return polynomialFor('polynomial', options);
}

function polynomialFor(op: string, { initial, final = 0, steps, power = 1 }: PolynomialOptions): Schedule {
  checkRates(op, { initial, final, power });
  checkCounts(op, { steps }, 1);
  return (step) => {
    const rest = sub(1, progress(cast(step, 'float64'), steps));
    return add(mul(pow(rest, power), initial - final), final);
  };
}
