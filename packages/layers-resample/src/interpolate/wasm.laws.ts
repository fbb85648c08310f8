import { filled, kernelLaws, type KernelLaws } from '@lemmata/backend-wasm/planted.laws';
import { apply } from '@lemmata/tensor';
import { Resample, ResampleAdjoint, type ResampleAttrs } from './op.js';
import type { Sampling } from './taps.js';
import { resampleKernels } from './wasm.js';

const plain: Sampling = { method: 'linear', alignCorners: false, scale: null, antialias: false };
const samplings: readonly Sampling[] = [
  plain,
  { ...plain, method: 'nearest' },
  { ...plain, method: 'nearest-exact', scale: 1.7 },
  { ...plain, method: 'area' },
  { ...plain, method: 'cubic', alignCorners: true },
  { ...plain, method: 'linear', antialias: true },
];

/** Up and down; neighbours along the last axis, rows of vectors, and rows with a rest. */
const sizes = [
  { shape: [3, 5], axis: 1, size: 8 },
  { shape: [2, 9, 8], axis: 1, size: 4 },
  { shape: [3, 2, 5, 7], axis: 2, size: 8 },
];

const samples = sizes.flatMap(({ shape, axis, size }, i) =>
  samplings.map((sampling, k) => {
    const attrs: ResampleAttrs = {
      ...sampling,
      axis,
      size: sampling.scale === null ? size : Math.floor(1.7 * shape[axis]),
    };
    const wave = (of: readonly number[]) => filled(of, (j) => Math.sin(j * 12.9898 + i + k));
    return { attrs, from: shape[axis], x: wave(shape), y: wave(shape.with(axis, attrs.size)) };
  }),
);

const [resample, adjoint] = resampleKernels;

/** With the bits of the reference. */
export const laws: readonly KernelLaws[] = [
  kernelLaws(
    [resample],
    samples.map(({ attrs, x }) => ({ inputs: [x], compute: (t) => apply(Resample, attrs, [t]) })),
  ),
  kernelLaws(
    [adjoint],
    samples.map(({ attrs, from, y }) => ({
      inputs: [y],
      compute: (t) => apply(ResampleAdjoint, { ...attrs, from }, [t]),
    })),
  ),
];
