import {
  formatValue,
  OptionError,
  type Padding,
  type PerAxis,
  perAxis,
  type PoolGeometry,
  poolGeometry,
  type Shape,
  unknownOptions,
} from '@lemmata/shape';
import { asTensor, reshape, type Tensor } from '@lemmata/tensor';

/** How the window slides. Lists have one entry for each spatial axis. */
export interface PoolOptions {
  /** Elements that a window reads. */
  readonly kernelSize: PerAxis;
  /** Elements from one window to the next. Default: kernelSize. */
  readonly stride?: PerAxis | undefined;
  /**
   * Elements around the input, at most half the kernel: a number, `[before, after]` for each axis, `'valid'` (none),
   * `'same'`, `'same-upper'` or `'same-lower'`. Default 0.
   */
  readonly padding?: Padding | undefined;
  /** Count a last window that overhangs, unless it would start in the padding after the input. Default false. */
  readonly ceilMode?: boolean | undefined;
}

/** {@link PoolOptions} and what some poolings have besides. */
export type AnyPoolOptions = PoolOptions & { readonly dilation?: PerAxis | undefined };

const names = ['kernelSize', 'stride', 'padding', 'ceilMode'];

/** Throws an OptionError for options that are neither {@link PoolOptions} nor among `further`. */
export function checkPoolOptions(op: string, options: PoolOptions, further: readonly string[]): void {
  unknownOptions(op, options, [...names, ...further]);
  const { ceilMode = false } = options;
  if (typeof ceilMode !== 'boolean')
    throw new OptionError(op, [`ceilMode must be true or false, received ${formatValue(ceilMode)}`]);
}

/** Options with every entry written out, for an input `[N, C, ...spatial]` of `rank` spatial axes. */
export function poolWindow(op: string, rank: number, input: Shape, options: AnyPoolOptions): PoolGeometry {
  const { kernelSize, stride, padding, dilation, ceilMode: ceil } = options;
  const kernel = perAxis(op, 'kernelSize', kernelSize, rank, 1);
  return poolGeometry(op, { input, kernel, stride, padding, dilation, ceil, spatialRank: rank });
}

/** `f` on a batch: an input without a batch axis gets one for the time of the call. */
export function batched(op: string, rank: number, x: Tensor, f: (x: Tensor) => Tensor[]): Tensor[] {
  const input = asTensor(x, op);
  if (input.rank !== rank + 1) return f(input);
  return f(reshape(input, [1, ...input.shape])).map((y) => reshape(y, y.shape.slice(1)));
}
