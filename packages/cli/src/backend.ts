import { type Wasm, wasmBackend } from '@lemmata/backend-wasm';
import { convKernels } from '@lemmata/layers-conv/conv/wasm';
import { batchNormKernels } from '@lemmata/layers-norm/batch-norm/wasm';
import { averagePoolKernels } from '@lemmata/layers-pool/average-pool/wasm';
import { maxPoolKernels } from '@lemmata/layers-pool/max-pool/wasm';
import { crossEntropyKernels } from '@lemmata/losses/cross-entropy/wasm';
import { isTensor, type Tensor } from '@lemmata/tensor';
import { map } from '@lemmata/tree';
import { UserError } from './failure.js';
import { countOption } from './options.js';

export interface FullBackendOptions {
  /** Default: the number of cores. Results do not depend on it. */
  readonly threads?: number;
  /** Called if WebAssembly cannot be used and everything runs in JavaScript. Default: console.warn. */
  readonly onWarning?: (message: string) => void;
}

/** The WebAssembly backend with the kernels of all layers; the reference backend, with a warning, where there is none. */
export function fullBackend(options: FullBackendOptions = {}): Wasm {
  return wasmBackend({
    ...options,
    kernels: [...convKernels, ...batchNormKernels, ...maxPoolKernels, ...averagePoolKernels, ...crossEntropyKernels],
  });
}

/** Where a command computes: its name for people, and how a tree of tensors gets there. */
export interface Placing {
  put<T>(tree: T): T;
  /** What its results depend on: not on the number of threads. */
  readonly kind: string;
  toString(): string;
}

/**
 * The backend that `--backend` and `--threads` ask for.
 *
 * @throws UserError for a name that no backend has, and for threads of the reference backend, which has one.
 */
export function backendOption(name = 'wasm', threads?: string): Placing {
  if (name === 'reference') {
    if (threads !== undefined) throw new UserError('--threads: the reference backend has one thread; leave it out');
    return { put: (tree) => tree, kind: 'reference', toString: () => 'reference, plain JavaScript' };
  }
  if (name !== 'wasm') throw new UserError(`--backend: expected wasm or reference, received '${name}'`);
  const count = countOption('threads', threads, 0, 1);
  if (count > MOST_THREADS) throw new UserError(`--threads: expected at most ${MOST_THREADS}, received ${count}`);
  const backend = fullBackend(count === 0 ? {} : { threads: count });
  const onWhat = String(backend);
  return {
    put: (tree) => putTree(backend, tree),
    kind: onWhat.replace(/, \d+ threads?$/, ''),
    toString: () => onWhat,
  };
}

const MOST_THREADS = 64;

/** A tree with its tensors on a backend. */
function putTree<T>(backend: Pick<Wasm, 'put'>, tree: T): T {
  return map((leaf: unknown) => (isTensor(leaf) ? backend.put(leaf as Tensor) : leaf), tree as never) as T;
}
