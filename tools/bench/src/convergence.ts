import { resnetCifar } from '@lemmata/architectures';
import { type Wasm, wasmBackend, type WasmKernel } from '@lemmata/backend-wasm';
import { convKernels, winogradKernels } from '@lemmata/layers-conv/conv/wasm';
import { batchNormKernels } from '@lemmata/layers-norm/batch-norm/wasm';
import { averagePoolKernels } from '@lemmata/layers-pool/average-pool/wasm';
import { crossEntropy } from '@lemmata/losses';
import { crossEntropyKernels } from '@lemmata/losses/cross-entropy/wasm';
import { cosine, sgd } from '@lemmata/optim';
import { run, type Tensor } from '@lemmata/tensor';
import { initialState, trainingStep } from '@lemmata/train';

/** Which kernels run the 3×3 convolutions. */
export interface Variant {
  readonly name: string;
  /** In front of those that sum as the definition does. */
  readonly kernels: readonly WasmKernel[];
  readonly simd?: 'plain';
}

/**
 * Sums as the definition has them, twice, rounded in two ways, and both variants of Winograd's algorithm: what the second does to
 * training is what rounding alone does.
 */
export const variants: readonly Variant[] = [
  { name: 'direct', kernels: [] },
  { name: 'direct, no fused multiply-add', kernels: [], simd: 'plain' },
  { name: 'F(2×2, 3×3)', kernels: winogradKernels({ tile: 2 }) },
  { name: 'F(4×4, 3×3)', kernels: winogradKernels({ tile: 4 }) },
];

/** Grey images, one byte a pixel, and their classes. */
export interface Images {
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  /** Rows and columns of an image. */
  readonly size: number;
}

export interface Training {
  /** Of the residual network. */
  readonly depth: number;
  readonly batch: number;
  readonly steps: number;
  /** Where the learning rate starts; it falls to 0 along half a cosine, so that what is compared at the end has settled. */
  readonly learningRate: number;
  readonly seed: number;
  readonly threads: number;
}

export interface Outcome {
  readonly losses: readonly number[];
  /** Share of the test images that are classified right. */
  readonly accuracy: number;
  readonly seconds: number;
}

/** Trains a residual network from the same start on the same batches, in the order of the images, and tests it. */
export function outcome(variant: Variant, training: Training, data: Images, test: Images, now: () => number): Outcome {
  const { depth, batch, steps, learningRate, seed, threads } = training;
  const wasm = wasmBackend({
    kernels: [...variant.kernels, ...convKernels, ...batchNormKernels, ...averagePoolKernels, ...crossEntropyKernels],
    threads,
    ...(variant.simd === undefined ? {} : { simd: variant.simd }),
  });
  const model = resnetCifar({ depth });
  const optimizer = sgd({ learningRate: cosine({ peak: learningRate, steps }), momentum: 0.9, weightDecay: 1e-4 });
  const step = trainingStep({ model, loss: crossEntropy, optimizer });
  let state = initialState(model, optimizer, [1, data.size, data.size], seed);
  const losses: number[] = [];
  const start = now();
  const batches = Math.floor(data.labels.length / batch);
  for (let i = 0; i < steps; i++) {
    const [next, { loss }] = step(state, ...batchOf(wasm, data, (i % batches) * batch, batch));
    state = next;
    losses.push(loss.item());
  }
  const seconds = (now() - start) / 1000;
  let right = 0;
  for (let first = 0; first < test.labels.length; first += batch) {
    const count = Math.min(batch, test.labels.length - first);
    const [x] = batchOf(wasm, test, first, count);
    const scores = run((images: Tensor) => model.apply(state.params, state.state, images, { train: false })[0], x);
    const values = scores.dataSync();
    const classes = values.length / count;
    for (let i = 0; i < count; i++) {
      const row = Array.from(values.subarray(i * classes, (i + 1) * classes));
      if (row.indexOf(Math.max(...row)) === test.labels[first + i]) right++;
    }
  }
  wasm.stop();
  return { losses, accuracy: right / test.labels.length, seconds };
}

/** Mean and deviation of MNIST's training pixels. */
const [MEAN, DEVIATION] = [0.1307, 0.3081];

function batchOf(wasm: Wasm, { pixels, labels, size }: Images, first: number, count: number): [Tensor, Tensor] {
  const plane = size * size;
  const values = Float32Array.from(
    pixels.subarray(first * plane, (first + count) * plane),
    (byte) => (byte / 255 - MEAN) / DEVIATION,
  );
  return [
    wasm.tensor(values, { shape: [count, 1, size, size] }),
    wasm.tensor(labels.slice(first, first + count), { shape: [count], dtype: 'int32' }),
  ];
}

/** Largest difference of losses among the first `steps`, beside the loss. */
export function deviation(losses: readonly number[], from: readonly number[], steps: number): number {
  return losses
    .slice(0, steps)
    .reduce((most, loss, i) => Math.max(most, Math.abs(loss - from[i]!) / Math.abs(from[i]!)), 0);
}
