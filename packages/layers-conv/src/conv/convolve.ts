import { convGeometry, OptionError, type Padding, type PerAxis, unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { onBatch } from './on-batch.js';
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
  const window = { stride, padding, dilation, groups, spatialRank: rank };
  return onBatch(op, rank, x, weight, bias, (input) =>
    convolution(
      input,
      weight,
      convGeometry(op, { input: input.shape, weight: weight.shape, bias: bias?.shape, ...window }),
    ),
  );
}
