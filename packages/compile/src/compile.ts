import { unknownOptions } from '@lemmata/shape';
import type { Synchronous } from '@lemmata/tensor';
import { CompiledFunction } from './compiled-function.js';
import type { Profile } from './profile/profile.js';

export interface CompileOptions {
  /** How many leading arguments are given up to be replaced by as many leading results, in place. Default 0. */
  readonly donate?: number;
  /**
   * How many arguments after those change rarely, such as the parameters of a network in inference. What depends only on them and on
   * captured tensors is computed once, and again when one of them is a different tensor or number than in the previous call. Results
   * are the same; the price is the memory of what is kept. Default 0.
   */
  readonly constant?: number;
  /**
   * `refuse`: a call whose results hold NaN or ±∞ throws `NonFiniteError` and changes nothing. `allow`: it returns them.
   * Default: refuse if anything is donated, else allow.
   */
  readonly nonFinite?: 'refuse' | 'allow';
  /** For messages. Default: the function's name. */
  readonly name?: string;
  /** Elementwise fusion. Exact; off only to look at the difference. Default true. */
  readonly fuse?: boolean;
  /** Called when one function gets very many programs. Default: console.warn. */
  readonly onWarning?: (message: string) => void;
}

/** A function that runs as a program planned once. */
export interface Compiled<Args extends readonly unknown[], R> {
  (...args: Args): R;
  /** The programs made so far, as text: one for every combination of shapes, dtypes and structure of the arguments. */
  toString(): string;
  /** How many programs there are. */
  readonly size: number;
  /** Bytes of working memory that the programs share, besides arguments and constants. */
  readonly workingBytes: number;
  /**
   * From now on, until `stop`, calls run line by line, and the time of each line is noted. Results have the same bits. Each line is
   * called from JavaScript by itself, and threads meet behind it: a call takes longer than one that is not profiled, by
   * some microseconds a line. See `formatProfile` and `traceFile`.
   *
   * @param clock milliseconds, such as `() => performance.now()`.
   */
  profile(clock: () => number): { stop(): Profile };
}

/**
 * `f` as a program: traced at the first call, then replayed without allocating a buffer. Results equal those of `f`
 * bit for bit.
 *
 * Arguments are trees of tensors and numbers; a number is an input like a tensor. Whatever else `f` sees, including what it
 * captures, is baked in when it is traced. A new structure, shape or dtype makes a new program; all share their memory.
 *
 * With `donate: n`, the first n arguments are given up: the first n results (`f` returns an array; or the one
 * result if n is 1 and it is no array) replace them in place, and tensors of the old ones can no longer be read. Memory that the function did not return
 * itself is never overwritten but copied once.
 *
 * Under a gradient or inside another compiled function `f` is simply called, at the speed of what is around it.
 *
 * @example
 * const step = compile((state, x, y) => [nextState, loss], { donate: 1 });
 * [state, loss] = step(state, x, y);
 * @throws NonFiniteError naming the op and the user's line, see `nonFinite`.
 */
export function compile<Args extends readonly unknown[], R>(
  f: (...args: Args) => Synchronous<R>,
  options: CompileOptions = {},
): Compiled<Args, R> {
  unknownOptions('compile', options, ['donate', 'constant', 'nonFinite', 'name', 'fuse', 'onWarning']);
  const compiled = new CompiledFunction(f as unknown as (...args: unknown[]) => unknown, options);
  const call = (...args: Args): R => compiled.call(args) as R;
  Object.defineProperties(call, {
    size: { get: () => compiled.programs.length },
    workingBytes: { get: () => compiled.workingBytes },
    profile: { value: (clock: () => number) => compiled.profile(clock) },
    toString: { value: () => compiled.toString() },
  });
  return call as Compiled<Args, R>;
}
