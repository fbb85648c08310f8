import { filled, kernelLaws, type KernelLaws } from '@lemmata/backend-wasm/planted.laws';
import type { Shape } from '@lemmata/shape';
import { apply, type Tensor } from '@lemmata/tensor';
import { BatchNorm, BatchNormGradient } from './op.js';
import { batchNormKernels } from './wasm.js';

const waves = (shape: Shape, seed: number): Tensor => filled(shape, (i) => 1 + Math.sin(i * 12.9898 + seed * 7.7));

/** Planes of many vectors, of a few, and of a rest of each length; one plane and several. ε has more digits than float32. */
const normalised = [
  [2, 3, 5, 11],
  [3, 2, 7],
  [1, 2, 4, 9],
  [5, 3],
].map((shape, i) => {
  const attrs = { eps: 0.1 + 2 ** -26 };
  const [x, weight, bias] = [waves(shape, i), waves([shape[1]], i + 1), waves([shape[1]], i + 2)];
  const [, mean, variance] = apply(BatchNorm, attrs, [x, weight, bias]);
  return { attrs, forward: [x, weight, bias], backward: [x, weight, mean, variance, waves(shape, i + 3)] };
});

/** Roundings of values below 64, in another order than the reference's. */
const bound = 2 ** -17;
const LAST_DIGITS = 'the last digits of an ε that is given as the sum of two float32';
const passes = [
  { op: BatchNorm, side: 'forward' },
  { op: BatchNormGradient, side: 'backward' },
] as const;

export const laws: readonly KernelLaws[] = passes.map(({ op, side }) =>
  kernelLaws(
    batchNormKernels.filter((kernel) => kernel.op === op),
    normalised.map((of) => ({
      inputs: of[side],
      compute: (...inputs: Tensor[]): Tensor[] => apply<{ readonly eps: number }>(op, of.attrs, inputs),
      bound,
    })),
    Object.fromEntries(
      ['epsHigh one too large', 'epsLow one too large', 'the first f64.add exchanged'].map((bug) => [
        `${op.name}: ${bug}`,
        LAST_DIGITS,
      ]),
    ),
  ),
);
