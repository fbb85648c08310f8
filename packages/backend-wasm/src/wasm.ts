import { unknownOptions } from '@lemmata/shape';
import {
  Eager,
  EAGER_REFERENCE,
  tensor,
  type NestedArray,
  type NumberArray,
  type Tensor,
  type TensorOptions,
} from '@lemmata/tensor';
import { WasmBackend } from './backend.js';
import { detectFeatures, type Features } from './features.js';
import type { WasmKernel } from './kernel.js';
import { coreKernels } from './kernels/index.js';
import { Arena } from './memory/arena.js';
import { Heap } from './memory/heap.js';
import { Runtime } from './runtime.js';
import { availableThreads } from './threads/pool.js';
import { MAX_THREADS } from './threads/replay.js';

export interface WasmOptions {
  /** Kernels of layers, beside those of the core ops; where two accept an op, the first one runs it. Default: none. */
  readonly kernels?: readonly WasmKernel[];
  /** How many threads work on one op; results do not depend on it. Default: the number of cores, and 1 where memory cannot be shared. */
  readonly threads?: number;
  /** The most memory it takes. Default 4 GiB where memory can be shared, else 1 GiB, which is reserved at once. */
  readonly maximumBytes?: number;
  /** `relaxed` uses fused multiply-add where the engine has it. Default: `relaxed`. */
  readonly simd?: 'relaxed' | 'plain';
  /** Surrounds memory with guard zones, which {@link Wasm.checkGuards} looks at. For tests. Default false. */
  readonly guards?: boolean;
  /** Called once if WebAssembly, shared memory or workers cannot be used, and everything runs in JavaScript or on one thread. Default: console.warn. */
  readonly onWarning?: (message: string) => void;
}

/** The fast backend: tensors that belong to it are computed by WebAssembly kernels. */
export interface Wasm {
  /** Interprets its tensors. That of the reference backend where WebAssembly cannot be used. */
  readonly eager: Eager;
  readonly features: Features;
  /** How many threads work on one op, when all are there. */
  readonly threads: number;
  /** How many workers are there now: they start with the first work that is worth sharing. */
  readonly workers: number;
  /** Bytes of WebAssembly memory that are taken now. */
  readonly memoryBytes: number;
  /** A tensor of this backend, as `tensor` makes one. */
  tensor(values: NestedArray | NumberArray | readonly number[], options?: TensorOptions): Tensor;
  /** A copy of a tensor on this backend. */
  put(x: Tensor): Tensor;
  /** @throws Error if memory around a block was written to. Does nothing without `guards`. */
  checkGuards(): void;
  /** Ends its worker threads; what is computed afterwards is computed by this one. They end by themselves with the process. */
  stop(): void;
  /** What it runs on, for people: `wasm, relaxed SIMD, 1 thread`. */
  toString(): string;
}

/**
 * Makes a WebAssembly backend with memory of its own.
 *
 * @throws RangeError if the memory cannot be reserved; TypeError for unknown options.
 */
export function wasmBackend(options: WasmOptions = {}): Wasm {
  unknownOptions('wasmBackend', options, ['kernels', 'threads', 'maximumBytes', 'simd', 'guards', 'onWarning']);
  const detected = detectFeatures();
  const features = { ...detected, relaxedSimd: detected.relaxedSimd && options.simd !== 'plain' };
  const warn = options.onWarning ?? ((message) => console.warn(message));
  const obstacle = obstacleTo(features);
  if (obstacle !== null) {
    warn(`wasmBackend: ${obstacle}; everything runs in plain JavaScript, which is slower by ten times and more`);
    return {
      ...onEager(EAGER_REFERENCE, features),
      threads: 1,
      workers: 0,
      memoryBytes: 0,
      checkGuards() {},
      stop() {},
      toString: () => 'reference, plain JavaScript',
    };
  }
  const shared = features.threads;
  const wanted = options.threads ?? Math.min(availableThreads(), MAX_THREADS);
  if (!(Number.isInteger(wanted) && wanted >= 1 && wanted <= MAX_THREADS)) {
    throw new RangeError(`wasmBackend: threads is an integer from 1 to ${MAX_THREADS}, received ${options.threads}`);
  }
  const threads = shared ? wanted : 1;
  if (wanted > threads) warn(`wasmBackend: ${whyUnshared()}; everything runs on one thread`);
  const maximumBytes = options.maximumBytes ?? (shared ? 2 ** 32 : 2 ** 30);
  const heap = new Heap({ shared, maximumBytes, guards: options.guards ?? false });
  const runtime = new Runtime(heap, features, threads, warn);
  const eager = new Eager(new WasmBackend(runtime, new Arena(heap), [...(options.kernels ?? []), ...coreKernels]), 1);
  return {
    ...onEager(eager, features),
    threads,
    get workers() {
      return (runtime.pool?.threads ?? 1) - 1;
    },
    get memoryBytes() {
      return heap.takenBytes;
    },
    checkGuards: () => heap.checkGuards(),
    stop: () => runtime.pool?.stop(),
    toString: () =>
      `wasm, ${features.relaxedSimd ? 'relaxed' : 'plain'} SIMD, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
  };
}

function onEager(eager: Eager, features: Features): Pick<Wasm, 'eager' | 'features' | 'put' | 'tensor'> {
  const put = (x: Tensor): Tensor => (x.interpreter === eager ? x : eager.lift(x));
  return { eager, features, put, tensor: (values, options) => put(tensor(values, options)) };
}

/** Why threads cannot share memory. */
function whyUnshared(): string {
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  const page = crossOriginIsolated === false ? ', for this page is not cross-origin isolated' : '';
  return `memory cannot be shared here${page}`;
}

/** Why WebAssembly cannot be used, or null. */
function obstacleTo({ simd }: Features): string | null {
  if (typeof WebAssembly === 'undefined') return 'this engine has no WebAssembly';
  if (!simd) return 'its WebAssembly has no SIMD';
  try {
    // oxlint-disable-next-line no-new -- a policy that forbids compiling throws
    new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    return null;
  } catch (error) {
    return `WebAssembly may not be compiled here (${error instanceof Error ? error.message : String(error)})`;
  }
}
