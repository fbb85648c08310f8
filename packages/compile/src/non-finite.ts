import { isFloat, type TypedArray, type View } from '@lemmata/tensor';

/** The user's line behind a call: the first frame of a stack outside of this library. */
export function userFrame(site: Error): string | null {
  for (const line of (site.stack ?? '').split('\n').slice(1)) {
    const frame = line.trim().replace(/^at /, '');
    if (/[\\/]@lemmata[\\/]|node:internal/.test(frame)) continue;
    if (/[\\/]packages[\\/][a-z-]+[\\/](src|dist)[\\/]/.test(frame) && !/\.test\.[jt]s/.test(frame)) continue;
    return frame;
  }
  return null;
}

/** A compiled step produced NaN or ±∞ and was refused: nothing that it was given has changed. */
export class NonFiniteError extends Error {
  override readonly name: string = 'NonFiniteError';
  /** The op that first made a non-finite value of finite ones; null if an argument was not finite already. */
  readonly op: string | null;
  /** The user's line that applied it, as a stack frame. */
  readonly site: string | null;
  /** Paths of the arguments that the op reads, which tell the layer; where it reads none, of those from which the fewest ops lead to it. */
  readonly parameters: readonly string[];

  constructor(message: string, op: string | null, site: string | null, parameters: readonly string[]) {
    super(message);
    this.op = op;
    this.site = site;
    this.parameters = parameters;
  }
}

/** Index of the first element that is NaN or infinite, or −1. */
export function firstNonFinite(view: View): number {
  if (!isFloat(view.dtype)) return -1;
  const { data } = view;
  return allFinite(data) ? -1 : data.findIndex((v: number) => !Number.isFinite(v));
}

/** x · 0 is 0 for finite x and NaN otherwise: a sum without branches. */
function allFinite(data: TypedArray): boolean {
  let zero = 0;
  for (let i = 0; i < data.length; i++) zero += data[i] * 0;
  return zero === 0;
}
