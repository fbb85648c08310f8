import { filled, kernelLaws, type KernelLaws } from '@lemmata/backend-wasm/planted.laws';
import { apply, NO_ATTRS, type Tensor } from '@lemmata/tensor';
import { SoftmaxCrossEntropy } from './op.js';
import { crossEntropyKernels } from './wasm.js';

/** Logits and weights of classes that lie side by side, and apart. */
const samples = [
  [5, 13],
  [2, 3, 7],
  [3, 4, 2, 5],
].map((shape) => ({
  inputs: [filled(shape, (i) => 4 * Math.sin(i * 12.9898)), filled(shape, (i) => Math.max(0, Math.sin(i * 7.233)))],
  compute: (...inputs: Tensor[]): Tensor[] => apply(SoftmaxCrossEntropy, NO_ATTRS, inputs),
  // Of 13 classes: exponentials within 2 ulp, logits at most 8 below the largest.
  bound: 13 * (2 ** -22 + 8 * 2 ** -24) + 2 ** -20,
}));

export const laws: readonly KernelLaws[] = [kernelLaws(crossEntropyKernels, samples)];
