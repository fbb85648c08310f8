import { nearestName, OptionError } from '@lemmata/shape';

/** What follows a layer, as far as its initial weights must know. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu';

const GAINS: Readonly<Record<Nonlinearity, (a: number) => number>> = {
  linear: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leakyRelu: (a) => Math.sqrt(2 / (1 + a * a)),
  selu: () => 3 / 4,
};

/**
 * By how much weights must be larger for the nonlinearity behind them to keep the variance: 1 for linear and sigmoid,
 * 5/3 for tanh, √2 for relu, √(2 / (1 + a²)) for leakyRelu, 3/4 for selu.
 *
 * @param a slope of a leaky ReLU for x < 0. Default 0.01.
 *
 * Source: https://pytorch.org/docs/stable/nn.init.html (calculate_gain)
 */
export function calculateGain(nonlinearity: Nonlinearity, a: number = 0.01): number {
  const gain = Object.hasOwn(GAINS, nonlinearity) ? GAINS[nonlinearity] : undefined;
  if (gain === undefined) {
    const near = nearestName(String(nonlinearity), Object.keys(GAINS));
    throw new OptionError('calculateGain', [
      `unknown nonlinearity '${String(nonlinearity)}'${near === undefined ? '' : `; did you mean '${near}'?`} (there are ${Object.keys(GAINS).join(', ')})`,
    ]);
  }
  if (!Number.isFinite(a))
    throw new OptionError('calculateGain', [`the slope a must be a finite number, received ${a}`]);
  return gain(a);
}
