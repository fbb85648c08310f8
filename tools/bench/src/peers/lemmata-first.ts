import { conv2d } from '@lemmata/layers-conv';
import { tensor, type Tensor } from '@lemmata/tensor';
import { sizeOf } from '@lemmata/shape';
import { stream } from '../data.js';
import type { BackendId } from '../ids.js';
import type { ConvTask } from '../task.js';

/** What a program needs that does nothing but one convolution. */
export async function firstConvolution(task: ConvTask, threads: number, backend: BackendId): Promise<void> {
  const { batch, channels, size, filters, kernel, padding, groups } = task;
  const draw = await maker(threads, backend);
  const y = conv2d(
    draw(1, [batch, channels, size, size]),
    draw(2, [filters, channels / groups, kernel, kernel]),
    null,
    { padding, groups },
  );
  y.dataSync();
}

async function maker(threads: number, backend: BackendId): Promise<(seed: number, shape: readonly number[]) => Tensor> {
  if (backend === 'reference') return (seed, shape) => tensor(stream(seed, sizeOf(shape)), { shape });
  const [{ wasmBackend }, { convKernels }] = await Promise.all([
    import('@lemmata/backend-wasm'),
    import('@lemmata/layers-conv/conv/wasm'),
  ]);
  const wasm = wasmBackend({ kernels: convKernels, threads });
  return (seed, shape) => wasm.tensor(stream(seed, sizeOf(shape)), { shape });
}
