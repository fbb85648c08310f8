import { checkShape, OptionError, sizeOf, unknownOptions, type Shape } from '@lemmata/shape';
import { full, randomNormal, randomUniform, type Tensor } from '@lemmata/tensor';

/** How many inputs reach one output, and how many outputs one input reaches. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

export interface FanOptions {
  /** Groups of a convolution: an output sees the inputs of its own group only. Default 1. */
  readonly groups?: number;
  /** The weight of a transposed convolution, [in, out / groups, ...kernel]. Default false. */
  readonly transposed?: boolean;
}

/**
 * Fans of a weight [out, in / groups, ...kernel]: fanIn = in / groups · ∏ kernel, fanOut = out / groups · ∏ kernel.
 *
 * The second is out · ∏ kernel in PyTorch, which does not know of groups; an input of a grouped convolution reaches the
 * outputs of its own group only.
 */
export function fans(shape: Shape, options: FanOptions = {}): Fans {
  unknownOptions('fans', options, ['groups', 'transposed']);
  checkShape('fans', shape);
  const { groups = 1, transposed = false } = options;
  if (shape.length < 2) throw new OptionError('fans', [`a weight has at least two axes, received shape [${shape.join(', ')}]`]);
  const [first, second, ...kernel] = shape as [number, number, ...number[]];
  const window = sizeOf(kernel);
  if (!Number.isInteger(groups) || groups < 1 || first % groups !== 0) {
    throw new OptionError('fans', [`groups must divide the ${first} entries of the first axis, received ${groups}`]);
  }
  const own = (first / groups) * window;
  const other = second * window;
  return transposed ? { fanIn: own, fanOut: other } : { fanIn: other, fanOut: own };
}

/** Draws a tensor. The same key gives the same numbers. */
export type Initialiser = (key: Tensor, shape: Shape, options?: FanOptions) => Tensor;

export const zeros: Initialiser = (_key, shape) => full(shape, 0);
export const ones: Initialiser = (_key, shape) => full(shape, 1);

export function constantOf(value: number): Initialiser {
  return (_key, shape) => full(shape, value);
}

/** Uniform in [low, high). Defaults 0 and 1. */
export function uniform(range: { readonly low?: number; readonly high?: number } = {}): Initialiser {
  unknownOptions('uniform', range, ['low', 'high']);
  const { low = 0, high = 1 } = range;
  return (key, shape) => randomUniform(key, shape, { low, high });
}

/** Normal. Defaults: mean 0, std 1. */
export function normal(options: { readonly mean?: number; readonly std?: number } = {}): Initialiser {
  unknownOptions('normal', options, ['mean', 'std']);
  const { mean = 0, std = 1 } = options;
  return (key, shape) => randomNormal(key, shape, { mean, std });
}

export interface KaimingOptions {
  /** Slope of a leaky ReLU for x < 0. Default 0: a ReLU. */
  readonly a?: number;
  /** Keep the variance forward (`fanIn`, default) or backward (`fanOut`). */
  readonly mode?: 'fanIn' | 'fanOut';
}

/**
 * Uniform within ±√3 · gain / √fan, gain = √(2 / (1 + a²)).
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1502.01852.
 */
export function kaimingUniform(options: KaimingOptions = {}): Initialiser {
  const std = kaimingStd('kaimingUniform', options);
  return (key, shape, fan) => {
    const bound = Math.sqrt(3) * std(shape, fan);
    return randomUniform(key, shape, { low: -bound, high: bound });
  };
}

/** Normal of standard deviation gain / √fan; see {@link kaimingUniform}. */
export function kaimingNormal(options: KaimingOptions = {}): Initialiser {
  const std = kaimingStd('kaimingNormal', options);
  return (key, shape, fan) => randomNormal(key, shape, { std: std(shape, fan) });
}

function kaimingStd(op: string, options: KaimingOptions): (shape: Shape, fan?: FanOptions) => number {
  unknownOptions(op, options, ['a', 'mode']);
  const { a = 0, mode = 'fanIn' } = options;
  return (shape, fan = {}) => Math.sqrt(2 / (1 + a * a) / fans(shape, fan)[mode]);
}
