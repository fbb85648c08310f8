import { filled, kernelLaws, type KernelLaws } from '@lemmata/backend-wasm/planted.laws';
import type { WasmKernel } from '@lemmata/backend-wasm';
import { sizeOf } from '@lemmata/shape';
import { apply, NO_ATTRS, type OpDef, tensor, type Tensor } from '@lemmata/tensor';
import { ClassIndicator } from '../class-targets.js';
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

const targets: readonly (readonly [readonly number[], number])[] = [
  [[5], -100],
  [[2, 3, 2], 1],
];
const indicators = targets.map(([shape, ignoreIndex]) => ({
  inputs: [
    tensor(
      Int32Array.from({ length: sizeOf(shape) }, (_, i) => (i % 5 === 3 ? ignoreIndex : i % 4)),
      { shape },
    ),
  ],
  compute: (...inputs: Tensor[]): Tensor[] =>
    apply(ClassIndicator, { op: 'test', classes: 4, ignoreIndex, dtype: 'float32' }, inputs),
}));

const kernelsOf = (op: OpDef<any>): WasmKernel[] => crossEntropyKernels.filter((kernel) => kernel.op === op);

export const laws: readonly KernelLaws[] = [
  kernelLaws(kernelsOf(SoftmaxCrossEntropy), samples),
  kernelLaws(kernelsOf(ClassIndicator), indicators),
];
