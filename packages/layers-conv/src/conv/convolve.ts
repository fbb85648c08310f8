import {
  formatValue,
  type Border,
  BORDERS,
  checkBorder,
  type ConvGeometry,
  convGeometry,
  type ConvQuery,
  OptionError,
  type Padding,
  type PerAxis,
  Problems,
  unknownOptions,
} from '@lemmata/shape';
import { pad, type Tensor } from '@lemmata/tensor';
import { onBatch } from './on-batch.js';
import { convolution } from './op.js';

/** What padding is made of. */
export type PaddingFill = 'zeros' | Border;

/** How the window slides. Lists have one entry for each spatial axis. */
export interface ConvOptions {
  /** Input elements from one window to the next. Default 1. */
  readonly stride?: PerAxis | undefined;
  /**
   * Elements around the input: a number, `[before, after]` for each axis, `'valid'` (none), `'same'` (as many outputs as
   * inputs; stride 1), `'same-upper'` or `'same-lower'` (⌈inputs / stride⌉ outputs). Default 0.
   */
  readonly padding?: Padding | undefined;
  /** Input elements from one kernel element to the next. Default 1. */
  readonly dilation?: PerAxis | undefined;
  /** Input and output channels fall into this many groups that do not see each other. Default 1. */
  readonly groups?: number | undefined;
  /**
   * What the padding is made of: zeros, or elements of the input (see `Border` of `@lemmata/shape`), of which `'reflect'`
   * has fewer than the input on each side and `'circular'` at most as many. Default `'zeros'`.
   */
  readonly paddingMode?: PaddingFill | undefined;
}

export const CONV_OPTIONS: readonly string[] = ['stride', 'padding', 'dilation', 'groups', 'paddingMode'];

/** Throws an OptionError for options that no convolution has. */
export function checkConvOptions(op: string, options: ConvOptions, further: readonly string[] = []): void {
  unknownOptions(op, options, [...further, ...CONV_OPTIONS]);
  const { paddingMode = 'zeros' } = options;
  if (paddingMode === 'zeros' || BORDERS.includes(paddingMode)) return;
  throw new OptionError(op, [
    `paddingMode must be 'zeros', 'reflect', 'replicate' or 'circular', received ${formatValue(paddingMode)}`,
  ]);
}

/** {@link convGeometry} of a convolution whose padding is made of this. Throws what that does, and for too wide a border. */
export function paddedGeometry(op: string, query: ConvQuery, fill: PaddingFill = 'zeros'): ConvGeometry {
  const geometry = convGeometry(op, query);
  if (fill === 'zeros') return geometry;
  const { input, weight } = query;
  const problems = new Problems(op);
  geometry.padding.forEach((sides, axis) => checkBorder(problems, fill, input[axis + 2], sides, axis + 2));
  problems.throwIfAny({ input, weight });
  return geometry;
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
  const { paddingMode = 'zeros', ...window } = options;
  return onBatch(op, rank, x, weight, bias, (input) => {
    const shapes = { input: input.shape, weight: weight.shape, bias: bias?.shape, spatialRank: rank };
    const geometry = paddedGeometry(op, { ...shapes, ...window }, paddingMode);
    if (paddingMode === 'zeros') return convolution(input, weight, geometry);
    const padded = pad(input, [0, 0, ...geometry.padding], { mode: paddingMode });
    return convolution(padded, weight, { ...geometry, padding: geometry.padding.map(() => [0, 0]) });
  });
}
