import { convGeometry, OptionError, type Padding, type PerAxis, unknownOptions } from '@lemmata/shape';
import { add, asTensor, reshape, type Tensor } from '@lemmata/tensor';
import { commonFloat } from './common-float.js';
import { convolution } from './op.js';

/** How the window slides. Lists have one entry for each spatial axis. */
export interface ConvOptions {
  /** Input elements from one window to the next. Default 1. */
  readonly stride?: PerAxis | undefined;
  /**
   * Zeros around the input: a number, `[before, after]` for each axis, `'valid'` (none), `'same'` (as many outputs as
   * inputs; stride 1), `'same-upper'` or `'same-lower'` (⌈inputs / stride⌉ outputs). Default 0.
   */
  readonly padding?: Padding | undefined;
  /** Input elements from one kernel element to the next. Default 1. */
  readonly dilation?: PerAxis | undefined;
  /** Input and output channels fall into this many groups that do not see each other. Default 1. */
  readonly groups?: number | undefined;
  /** What is around the input. Only `'zeros'`. */
  readonly paddingMode?: 'zeros' | undefined;
}

export const CONV_OPTIONS: readonly string[] = ['stride', 'padding', 'dilation', 'groups', 'paddingMode'];

/** Throws an OptionError for options that no convolution has. */
export function checkConvOptions(op: string, options: ConvOptions, further: readonly string[] = []): void {
  unknownOptions(op, options, [...further, ...CONV_OPTIONS]);
  const { paddingMode = 'zeros' } = options;
  if (paddingMode !== 'zeros') {
    throw new OptionError(op, [
      `paddingMode must be 'zeros', received '${String(paddingMode)}'; for another one pad the input first and use padding 0`,
    ]);
  }
}

/** Convolution along `rank` spatial axes; `op` names the caller in errors. */
export function convolve(
  op: string,
  rank: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  options: ConvOptions,
): Tensor {
  checkConvOptions(op, options);
  const { stride, padding, dilation, groups } = options;
  const operands = { x: asTensor(x, op), weight: asTensor(weight, op), ...(bias ? { bias: asTensor(bias, op) } : {}) };
  const one = x.rank === rank + 1;
  const input = one ? reshape(x, [1, ...x.shape]) : x;
  const geometry = convGeometry(op, {
    input: input.shape,
    weight: weight.shape,
    bias: bias?.shape,
    stride,
    padding,
    dilation,
    groups,
    spatialRank: rank,
  });
  commonFloat(op, Object.fromEntries(Object.entries(operands).map(([name, t]) => [name, t.spec])));
  const y = convolution(input, weight, geometry);
  const shifted = bias ? add(y, reshape(bias, [bias.size, ...new Array<number>(rank).fill(1)])) : y;
  return one ? reshape(shifted, shifted.shape.slice(1)) : shifted;
}
