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
  if (recorders > 0) return synchronous(name, body());
  const close = highest(tensors, name).mark();
  try {
    const result = synchronous(name, body());
    close(result);
    return result;
  } catch (error) {
    close(null);
    throw error;
  }
}

function synchronous<R>(name: string, result: R): R {
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return result;
  throw new TypeError(
    `${name}: the function is asynchronous; a scope frees its tensors when the function returns, so it must be synchronous: await outside of it`,
  );
}

/** How many tapes and traces are recording right now. Functions under them are synchronous, so this is well defined. */
let recorders = 0;

/**
 * @internal Runs `body` under a tape or trace: scopes inside it end with the scope around it, since what they made is
 * recorded, also by way of tensors that no argument of theirs shows.
 */
export function recording<R>(body: () => R): R {
  recorders++;
  try {
    return body();
  } finally {
    recorders--;
  }
}

/** @internal The tensors among nested arrays and plain objects; anything else is passed over. */
export function tensorsIn(tree: unknown): Tensor[] {
  if (isTensor(tree)) return [tree];
  if (Array.isArray(tree)) return tree.flatMap(tensorsIn);
  if (typeof tree !== 'object' || tree === null || Object.getPrototypeOf(tree) !== Object.prototype) return [];
  return Object.values(tree).flatMap(tensorsIn);
}
