import { lenet5 } from '@lemmata/architectures/lenet5';
import { wasmBackend } from '@lemmata/backend-wasm';
import { arrayDataset, normalize, readIdx, type Dataset } from '@lemmata/data';
import type { LabelledImages } from '@lemmata/data/node';
import { convKernels } from '@lemmata/layers-conv/conv/wasm';
import { maxPoolKernels } from '@lemmata/layers-pool/max-pool/wasm';
import { crossEntropyKernels } from '@lemmata/losses/cross-entropy/wasm';

/* What page and worker have in common: the network, where it computes, and how it reads images. */

export const model = lenet5();
export const INPUT = [1, 28, 28];
export const EPOCHS = 3;
export const transform = normalize('image', { mean: 0.1307, std: 0.3081 });

export const backend = wasmBackend({
  kernels: [...convKernels, ...maxPoolKernels, ...crossEntropyKernels],
  // Threads share memory, which pages may do that are cross-origin isolated: by headers that few hosts of sites send.
  ...(crossOriginIsolated ? {} : { threads: 1 }),
});

/** Digits of MNIST from the files that the site carries: `train`, or `t10k`, which the network never sees in training. */
export async function digits(folder: string, part: 'train' | 't10k'): Promise<Dataset<LabelledImages>> {
  const [image, label] = await Promise.all(
    ['images-idx3', 'labels-idx1'].map(async (kind) => {
      const name = `${folder}${part}-${kind}-ubyte.gz`;
      const response = await fetch(name);
      if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
      return readIdx(new Uint8Array(await response.arrayBuffer()), { name });
    }),
  );
  const count = image!.shape[0]!;
  return arrayDataset({
    image: { data: Uint8Array.from(image!.data), shape: [count, ...INPUT] },
    label: { data: Int32Array.from(label!.data), shape: [count] },
  });
}
