import { formatValue, checkShape, OptionError, type Shape, sizeOf, unknownOptions } from '@lemmata/shape';

/** How many inputs reach one output, and how many outputs one input reaches. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

export interface FanOptions {
  /** Groups of a convolution: an output sees the inputs of its own group only. Default 1. */
  readonly groups?: number | undefined;
  /** The weight of a transposed convolution, [in, out / groups, ...kernel]. Default false. */
  readonly transposed?: boolean | undefined;
}

/**
 * Fans of a weight [out, in / groups, ...kernel]: fanIn = in / groups · ∏ kernel, fanOut = out / groups · ∏ kernel.
 *
 * The second is out · ∏ kernel in PyTorch, which does not know of groups; an input of a grouped convolution reaches the
 * outputs of its own group only. Nor does PyTorch know of transposed kernels, whose fans it exchanges.
 *
 * @throws OptionError for a weight of fewer than two axes, or groups that do not divide its first.
 */
export function fans(shape: Shape, options: FanOptions = {}): Fans {
  unknownOptions('fans', options, ['groups', 'transposed']);
  checkShape('fans', shape);
  const { groups = 1, transposed = false } = options;
  if (shape.length < 2) {
    throw new OptionError('fans', [
      `a weight has at least two axes, [out, in, ...kernel]; received shape [${shape.join()}]`,
    ]);
  }
  const [first, second, ...kernel] = shape as [number, number, ...number[]];
  const window = sizeOf(kernel);
  if (!Number.isInteger(groups) || groups < 1 || first % groups !== 0) {
    throw new OptionError('fans', [
      `groups must divide the ${first} entries of the first axis, received ${formatValue(groups)}`,
    ]);
  }
  const own = (first / groups) * window;
  const other = second * window;
  return transposed ? { fanIn: own, fanOut: other } : { fanIn: other, fanOut: own };
}
