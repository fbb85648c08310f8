import { formatValue, OptionError, ShapeError, unknownOptions } from '@lemmata/shape';

export interface EpsOptions {
  /** Added to the variance, under the root. Default 1e-5; any finite number, though below 0 a root may be NaN. */
  readonly eps?: number;
}

/** ε of a function that takes no other option. */
export function epsOf(op: string, options: EpsOptions): number {
  unknownOptions(op, options, ['eps']);
  const { eps = 1e-5 } = options;
  if (!Number.isFinite(eps)) throw new OptionError(op, [`eps must be a finite number, received ${formatValue(eps)}`]);
  return eps;
}

export interface AffineOptions {
  /** Added to the variance, under the root. Above 0; default 1e-5. */
  readonly eps?: number;
  /** Learn a weight and a bias. Default true. */
  readonly affine?: boolean;
  /** Of the two, learn the bias as well. Default true. */
  readonly bias?: boolean;
}

/** What is wrong with the options of a layer: ε that is not above 0, and switches that are no booleans. */
export function affineReasons({ eps, ...switches }: Readonly<Record<string, unknown>>): string[] {
  const reasons: string[] = [];
  if (eps !== undefined && !(typeof eps === 'number' && Number.isFinite(eps) && eps > 0)) {
    reasons.push(`eps must be a finite number above 0, received ${formatValue(eps)}`);
  }
  for (const [name, value] of Object.entries(switches)) {
    if (value !== undefined && typeof value !== 'boolean')
      reasons.push(`${name} must be true or false, received ${formatValue(value)}`);
  }
  return reasons;
}

/** Throws an OptionError if there are reasons. */
export function refuse(op: string, reasons: readonly string[]): void {
  if (reasons.length > 0) throw new OptionError(op, reasons);
}

export interface SpatialOptions {
  /** How many axes there are behind the channels, or a list of what may be; an input of another rank is refused. Default: any. */
  readonly spatialAxes?: number | readonly number[] | undefined;
}

/** What is wrong with the option. */
export function spatialReasons(spatialAxes: SpatialOptions['spatialAxes']): string[] {
  const list = allowed(spatialAxes);
  if (
    spatialAxes === undefined ||
    (Array.isArray(list) && list.length > 0 && list.every((n) => Number.isSafeInteger(n) && n >= 0))
  )
    return [];
  return [`spatialAxes must be a whole number of at least 0, or a list of such, received ${formatValue(spatialAxes)}`];
}

/** Refuses `count` axes behind the channels of `shape` where the option says otherwise. */
export function checkSpatial(
  op: string,
  spatialAxes: SpatialOptions['spatialAxes'],
  count: number,
  shape: readonly number[],
): void {
  const list = allowed(spatialAxes);
  if (list === null || list.includes(count)) return;
  throw new ShapeError(op, [
    { rule: `the input has ${list.join(' or ')} axes behind the channels`, received: shape, hint: 'See spatialAxes' },
  ]);
}

function allowed(spatialAxes: SpatialOptions['spatialAxes']): readonly number[] | null {
  return spatialAxes === undefined ? null : typeof spatialAxes === 'number' ? [spatialAxes] : spatialAxes;
}
