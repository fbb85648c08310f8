import { OptionError, unknownOptions } from '@lemmata/shape';

export interface EpsOptions {
  /** Added to the variance, under the root. Default 1e-5; any finite number, though below 0 a root may be NaN. */
  readonly eps?: number;
}

/** ε of a function that takes no other option. */
export function epsOf(op: string, options: EpsOptions): number {
  unknownOptions(op, options, ['eps']);
  const { eps = 1e-5 } = options;
  if (!Number.isFinite(eps)) throw new OptionError(op, [`eps must be a finite number, received ${eps}`]);
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
  if (eps !== undefined && !(typeof eps === 'number' && eps > 0 && Number.isFinite(eps))) {
    reasons.push(`eps must be a finite number above 0, received ${String(eps)}`);
  }
  for (const [name, value] of Object.entries(switches)) {
    if (value !== undefined && typeof value !== 'boolean')
      reasons.push(`${name} must be true or false, received ${String(value)}`);
  }
  return reasons;
}
