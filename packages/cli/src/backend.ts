import { type Wasm, wasmBackend } from '@lemmata/backend-wasm';
import { convKernels, winogradKernels } from '@lemmata/layers-conv/conv/wasm';
import { batchNormKernels } from '@lemmata/layers-norm/batch-norm/wasm';
import { averagePoolKernels } from '@lemmata/layers-pool/average-pool/wasm';
import { maxPoolKernels } from '@lemmata/layers-pool/max-pool/wasm';
import { resampleKernels } from '@lemmata/layers-resample/interpolate/wasm';
import { crossEntropyKernels } from '@lemmata/losses/cross-entropy/wasm';
import { unknownOptions } from '@lemmata/shape';
import { placed } from '@lemmata/train';
import { UserError } from './failure.js';
import { countOption } from './options.js';

export interface FullBackendOptions {
  /** Default: the number of cores. Results do not depend on it. */
  readonly threads?: number;
  /**
   * The tiles of Winograd's algorithm for 3×3 convolutions at stride 1, which trains fastest; false: sums as the definition has them.
   * Default 4. Its errors are those that `winogradKernels` states.
   */
  readonly winograd?: 2 | 4 | false;
  /** Called if WebAssembly cannot be used and everything runs in JavaScript. Default: console.warn. */
  readonly onWarning?: (message: string) => void;
}

/**
 * The WebAssembly backend with the kernels of all layers; the reference backend, with a warning, where there is none.
 *
 * @throws OptionError for an unknown option.
 */
export function fullBackend(options: FullBackendOptions = {}): Wasm {
  unknownOptions('fullBackend', options, ['threads', 'winograd', 'onWarning']);
  const { winograd = 4, ...rest } = options;
  return wasmBackend({
    ...rest,
    kernels: [
      ...(winograd === false ? [] : winogradKernels({ tile: winograd })),
      ...convKernels,
      ...batchNormKernels,
      ...maxPoolKernels,
      ...averagePoolKernels,
      ...resampleKernels,
      ...crossEntropyKernels,
    ],
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
 * The backend that `--backend`, `--threads` and `--winograd` ask for.
 *
 * @throws UserError for a name that no backend has, and for options of another backend's.
 */
export function backendOption(name = 'wasm', threads?: string, winograd?: string): Placing {
  if (name === 'reference') {
    if (threads !== undefined) throw new UserError('--threads: the reference backend has one thread; leave it out');
    if (winograd !== undefined)
      throw new UserError('--winograd: the reference backend has no such kernels; leave it out');
    return { put: (tree) => tree, kind: 'reference', toString: () => 'reference, plain JavaScript' };
  }
  if (name !== 'wasm') throw new UserError(`--backend: expected wasm or reference, received '${name}'`);
  const count = countOption('threads', threads, 0, 1);
  if (count > MOST_THREADS) throw new UserError(`--threads: expected at most ${MOST_THREADS}, received ${count}`);
  const tiles = TILES.get(winograd ?? '4');
  if (tiles === undefined) throw new UserError(`--winograd: expected 4, 2 or off, received '${winograd}'`);
  const backend = fullBackend({ ...(count === 0 ? {} : { threads: count }), winograd: tiles });
  const onWhat = String(backend);
  return {
    put: (tree) => placed(tree, backend),
    kind: `${onWhat.replace(/, \d+ threads?$/, '')}, Winograd ${winograd ?? '4'}`,
    toString: () => onWhat,
  };
}

const MOST_THREADS = 64;
const TILES: ReadonlyMap<string, 2 | 4 | false> = new Map<string, 2 | 4 | false>([
  ['4', 4],
  ['2', 2],
  ['off', false],
]);
