import { EAGER_REFERENCE, run, type Eager, type Tensor } from '@lemmata/tensor';
import { sizeOf } from '@lemmata/shape';
import { stream, fingerprint } from '../data.js';
import type { BackendId } from '../ids.js';
import { NODE, type Prepared } from '../task.js';
import { workloads } from '../workloads/index.js';
import { notBuilt } from '../workload.js';
import type { OpenSide } from './open.js';

/** The library as workloads see it: they make their tensors here, and thereby run on the chosen backend. */
export interface Library {
  readonly name: BackendId;
  readonly threads: number;
  /** Whose tensors `tensor` makes. */
  readonly eager: Eager;
  tensor(values: Float32Array | Int32Array, shape: readonly number[]): Tensor;
  /** Values of the stream of this seed. */
  draw(seed: number, ...shape: number[]): Tensor;
}

export async function openLemmata(threads: number, backend: BackendId): Promise<OpenSide> {
  const { eager, engine } = await openBackend(backend, threads, true);
  return {
    engine: `lemmata ${engine}, ${NODE}`,
    async prepare({ workload, part }) {
      const found = workloads.find(({ id }) => id === workload);
      const winograd = found?.winograd?.(part) ?? true;
      const library = libraryOn(
        winograd ? eager : (await openBackend(backend, threads, false)).eager,
        backend,
        threads,
      );
      return (found?.lemmata ?? ((): never => notBuilt(workload)))(library, part);
    },
  };
}

export function libraryOn(eager: Eager, name: BackendId, threads = 1): Library {
  const tensor: Library['tensor'] = (values, shape) =>
    eager.fromValues({ shape: [...shape], dtype: values instanceof Int32Array ? 'int32' : 'float32' }, values);
  return { name, threads, eager, tensor, draw: (seed, ...shape) => tensor(stream(seed, sizeOf(shape)), shape) };
}

/** Throws where the backend is missing or cannot do so many threads. */
async function openBackend(
  backend: BackendId,
  threads: number,
  winograd: boolean,
): Promise<{ eager: Eager; engine: string }> {
  if (backend === 'reference') {
    if (threads > 1)
      throw new Error(`cannot: the reference backend runs on one thread, asked for ${threads}; choose --backend wasm`);
    return { eager: EAGER_REFERENCE, engine: 'reference' };
  }
  const { openWasm } = await import('./lemmata-wasm.js');
  const wasm = await openWasm(threads, winograd);
  return { eager: wasm.eager, engine: wasm.toString() };
}

/** An eager computation on these tensors whose memory is free again after each call. */
export function eagerly(inputs: readonly Tensor[], body: (...inputs: Tensor[]) => Tensor): Prepared {
  return {
    call: () =>
      run(
        (...given: Tensor[]) => {
          body(...given);
        },
        ...inputs,
      ),
    check: () => fingerprint(run(body, ...inputs).dataSync()),
  };
}
