import { formatValue, OptionError, type Shape, unknownOptions } from '@lemmata/shape';
import { randomNormal, randomUniform } from '@lemmata/tensor';
import { type FanOptions, type Fans, fans } from './fans.js';
import { calculateGain, type Nonlinearity } from './gain.js';
import type { Initialiser } from './initialisers.js';

/*
 * Weights of a standard deviation that keeps the variance from layer to layer: gain / √fan. A uniform distribution within
 * ±b has the standard deviation b / √3.
 */

/** Standard deviation for a weight. */
type Deviation = (shape: Shape, options?: FanOptions) => number;

const uniformOf = (std: Deviation): Initialiser => {
  return (key, shape, options) => {
    const bound = Math.sqrt(3) * std(shape, options);
    return randomUniform(key, shape, { low: -bound, high: bound });
  };
};
const normalOf = (std: Deviation): Initialiser => {
  return (key, shape, options) => randomNormal(key, shape, { std: std(shape, options) });
};

export interface KaimingOptions {
  /** Slope of a leaky ReLU for x < 0. Default 0: a ReLU. */
  readonly a?: number;
  /** Keep the variance forward (`fanIn`, default) or backward (`fanOut`). */
  readonly mode?: keyof Fans;
  /** What follows; gives the gain, see {@link calculateGain}. Default leakyRelu. */
  readonly nonlinearity?: Nonlinearity;
}

/**
 * Uniform within ±√3 · gain / √fan.
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function kaimingUniform(options: KaimingOptions = {}): Initialiser {
  return uniformOf(kaiming('kaimingUniform', options));
}

/** Normal of standard deviation gain / √fan; see {@link kaimingUniform}. */
export function kaimingNormal(options: KaimingOptions = {}): Initialiser {
  return normalOf(kaiming('kaimingNormal', options));
}

function kaiming(op: string, options: KaimingOptions): Deviation {
  unknownOptions(op, options, ['a', 'mode', 'nonlinearity']);
  const { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' } = options;
  if (mode !== 'fanIn' && mode !== 'fanOut')
    throw new OptionError(op, [`mode is 'fanIn' or 'fanOut', received ${formatValue(mode)}`]);
  const gain = calculateGain(nonlinearity, a);
  return (shape, options) => gain / Math.sqrt(fans(shape, options)[mode]);
}

export interface XavierOptions {
  /** Default 1; see {@link calculateGain}. */
  readonly gain?: number;
}

/**
 * Uniform within ±gain · √(6 / (fanIn + fanOut)).
 *
 * Source: Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function xavierUniform(options: XavierOptions = {}): Initialiser {
  return uniformOf(xavier('xavierUniform', options));
}

/** Normal of standard deviation gain · √(2 / (fanIn + fanOut)); see {@link xavierUniform}. */
export function xavierNormal(options: XavierOptions = {}): Initialiser {
  return normalOf(xavier('xavierNormal', options));
}

function xavier(op: string, options: XavierOptions): Deviation {
  unknownOptions(op, options, ['gain']);
  const { gain = 1 } = options;
  if (!(Number.isFinite(gain) && gain >= 0))
    throw new OptionError(op, [`gain is finite and not negative, received ${formatValue(gain)}`]);
  return (shape, options) => {
    const { fanIn, fanOut } = fans(shape, options);
    return gain * Math.sqrt(2 / (fanIn + fanOut));
  };
}

/**
 * Uniform within ±√(3 / fanIn): the variance of the input is kept by a linear layer, and by a network of SELUs.
 *
 * Source: LeCun et al. 1998, Efficient BackProp, http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf (4.6)
 */
export const lecunUniform: Initialiser = kaimingUniform({ nonlinearity: 'linear' });

/** Normal of standard deviation 1 / √fanIn; see {@link lecunUniform}. */
export const lecunNormal: Initialiser = kaimingNormal({ nonlinearity: 'linear' });
