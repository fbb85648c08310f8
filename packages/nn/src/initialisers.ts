import { checkShape, OptionError, type Shape, unknownOptions } from '@lemmata/shape';
import {
  eye as identity,
  full,
  randomNormal,
  randomUniform,
  tensor,
  type Tensor,
  truncatedNormal as truncated,
} from '@lemmata/tensor';
import type { FanOptions } from './fans.js';

/**
 * Draws a float32 tensor. The same key gives the same numbers. `options` tell those that look at fans what the shape does
 * not: groups, and whether the kernel is a transposed one.
 */
export type Initialiser = (key: Tensor, shape: Shape, options?: FanOptions) => Tensor;

export const zeros: Initialiser = (_key, shape) => full(shape, 0);
export const ones: Initialiser = (_key, shape) => full(shape, 1);

/** The same value everywhere. */
export function constantOf(value: number): Initialiser {
  if (typeof value !== 'number') throw new OptionError('constantOf', [`expected a number, received ${typeof value}`]);
  return (_key, shape) => full(shape, value);
}

/** Uniform in [low, high). Defaults 0 and 1. */
export function uniform(range: { readonly low?: number; readonly high?: number } = {}): Initialiser {
  unknownOptions('uniform', range, ['low', 'high']);
  const { low = 0, high = 1 } = range;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    throw new OptionError('uniform', [`low and high are finite and low ≤ high; received ${low} and ${high}`]);
  }
  return (key, shape) => randomUniform(key, shape, { low, high });
}

export interface NormalOptions {
  /** Default 0. */
  readonly mean?: number;
  /** Standard deviation. Default 1. */
  readonly std?: number;
}

/** Normal. */
export function normal(options: NormalOptions = {}): Initialiser {
  unknownOptions('normal', options, ['mean', 'std']);
  const { mean = 0, std = 1 } = checkNormal('normal', options);
  return (key, shape) => randomNormal(key, shape, { mean, std });
}

export interface TruncatedNormalOptions extends NormalOptions {
  /** Lowest value. Default −2. */
  readonly low?: number;
  /** Highest value. Default 2. */
  readonly high?: number;
}

/**
 * Normal, given that the value lies in [low, high]; `std` is that of the distribution before it is cut. The bounds are
 * values, as in PyTorch, and not multiples of `std`.
 */
export function truncatedNormal(options: TruncatedNormalOptions = {}): Initialiser {
  unknownOptions('truncatedNormal', options, ['mean', 'std', 'low', 'high']);
  const { mean = 0, std = 1, low = -2, high = 2 } = checkNormal('truncatedNormal', options);
  if (!(low < high && std > 0)) {
    throw new OptionError('truncatedNormal', [
      `low is below high and std above 0; received low ${low}, high ${high}, std ${std}`,
    ]);
  }
  return (key, shape) => truncated(key, shape, { mean, std, low: (low - mean) / std, high: (high - mean) / std });
}

function checkNormal<O extends NormalOptions>(op: string, options: O): O {
  const { mean = 0, std = 1 } = options;
  if (Number.isFinite(mean) && Number.isFinite(std) && std >= 0) return options;
  throw new OptionError(op, [`mean is finite, std finite and not negative; received ${mean} and ${std}`]);
}

/** Ones on the diagonal of a matrix: a linear layer that hands on its input. */
export const eye: Initialiser = (_key, shape) => {
  if (shape.length !== 2) throw new OptionError('eye', [`the shape has two axes, received [${shape.join(', ')}]`]);
  return identity(shape[0]!, shape[1]);
};

/**
 * The weight [out, in / groups, ...kernel] of a convolution that hands on its input: output c of each group is its input
 * c, as far as there is one, through a 1 in the middle of the kernel (the later middle of an even one).
 */
export const dirac: Initialiser = (_key, shape, { groups = 1 } = {}) => {
  checkShape('dirac', shape);
  const [out = 0, own = 0, ...kernel] = shape;
  if (kernel.length === 0 || !Number.isInteger(groups) || groups < 1 || out % groups !== 0) {
    throw new OptionError('dirac', [
      `the shape is [out, in / groups, ...kernel] and groups divide out; received shape [${shape.join(', ')}], groups ${groups}`,
    ]);
  }
  const window = kernel.reduce((size, k) => size * k, 1);
  const middle = kernel.reduce((index, k) => index * k + Math.floor(k / 2), 0);
  const values = new Float32Array(out * own * window);
  for (let o = 0; o < out; o++) {
    const c = o % (out / groups);
    if (c < own) values[(o * own + c) * window + middle] = 1;
  }
  return tensor(values, { shape });
};
