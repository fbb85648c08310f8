import { leaves } from '@lemmata/tree';
import { highest } from './interpreter.js';
import { isTensor, type Tensor } from './tensor.js';

/** Refused by type: a scope is synchronous, since what an awaiting function made would be freed under it. */
export type Synchronous<R> = R extends PromiseLike<unknown> ? never : R;

/**
 * Runs `f(...args)` in a lifetime of its own: every tensor made inside is freed when it returns or throws, except those
 * in the tree that it returns. `args` are trees; the tensors among them say on which backend memory is reused.
 * Inside a gradient or a compiled function it frees nothing, since these still need what was made.
 *
 * @example
 * const loss = run((x, y) => mean(square(sub(x, y))), prediction, target);
 * @throws TypeError if `f` is asynchronous.
 */
export function run<Args extends readonly unknown[], R>(f: (...args: Args) => Synchronous<R>, ...args: Args): R {
  return inScope('run', tensorsIn(args), () => f(...args)) as R;
}

/** @internal The lifetime of `run` around `body`, on the interpreter of `tensors`; the result is a tree of what is kept. */
export function inScope<R>(name: string, tensors: readonly Tensor[], body: () => R): R {
  const close = highest(tensors, name).mark();
  let result: R;
  try {
    result = body();
    if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') {
      throw new TypeError(
        `${name}: the function is asynchronous; a scope frees its tensors when the function returns, so it must be synchronous: await outside of it`,
      );
    }
  } catch (error) {
    close(null);
    throw error;
  }
  close(result);
  return result;
}

/** @internal */
export function tensorsIn(tree: unknown): Tensor[] {
  return leaves(tree as never).filter((leaf) => isTensor(leaf)) as Tensor[];
}
