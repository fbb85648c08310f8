import { type WasmKernel } from '@lemmata/backend-wasm';
import { zeros } from '@lemmata/backend-wasm/kernels/fill';
import { type Shape, sizeOf } from '@lemmata/shape';
import type { Spec } from '@lemmata/tensor';
import {
  type ConvAttrs,
  Convolution,
  ConvolutionInputGradient,
  ConvolutionWeightGradient,
  type OpenAttrs,
} from './op.js';
import { forwardSum, inputSums } from './wasm/geometry.js';
import { inputGradientKept, inputGradientScratch, inputGradientStages } from './wasm/input-gradient.js';
import { lanesScratch, lanesStages, paysInLanes } from './wasm/lanes.js';
import { slidingSumKept, slidingSumScratch, slidingSumStages } from './wasm/sliding-sum.js';
import { weightGradientScratch, weightGradientStages } from './wasm/weight-gradient.js';

interface Shaped {
  readonly shape: Shape;
}

const isFloat32 = (...specs: readonly Spec[]): boolean => specs.every(({ dtype }) => dtype === 'float32');

const forwardKernel: WasmKernel<ConvAttrs> = {
  op: Convolution,
  epilogue: true,
  accepts: (_attrs, [x, w]) => isFloat32(x, w),
  scratch(attrs, [x, w]) {
    if (trivial(x, w)) return 0;
    const sum = forwardSum(attrs, x, w);
    return paysInLanes([sum]) ? lanesScratch([sum]) : slidingSumScratch(sum);
  },
  keeps(attrs, [x, w]) {
    const sum = trivial(x, w) ? null : forwardSum(attrs, x, w);
    return { of: [1], bytes: sum === null || paysInLanes([sum]) ? 0 : slidingSumKept(sum) };
  },
  stages(attrs, { inputs: [x, w], outputs: [out], scratch, kept }) {
    if (sizeOf(out.shape) === 0) return [];
    if (trivial(x, w)) return [zeros(out)];
    const sum = forwardSum(attrs, x, w);
    if (paysInLanes([sum])) return lanesStages([sum], x.at, w.at, out.at, scratch);
    return slidingSumStages(sum, x.at, w.at, out.at, scratch, kept);
  },
};

const inputKernel: WasmKernel<OpenAttrs> = {
  op: ConvolutionInputGradient,
  epilogue: true,
  accepts: (_attrs, [y, w]) => isFloat32(y, w),
  scratch: (attrs, [y, w]) => (trivial(y, w) ? 0 : inputGradientScratch(inputSums(attrs, y, w))),
  keeps: (attrs, [y, w]) => ({ of: [1], bytes: trivial(y, w) ? 0 : inputGradientKept(inputSums(attrs, y, w)) }),
  stages(attrs, { inputs: [y, w], outputs: [out], scratch, kept }) {
    if (sizeOf(out.shape) === 0) return [];
    if (trivial(y, w)) return [zeros(out)];
    return inputGradientStages(inputSums(attrs, y, w), y.at, w.at, out, scratch, kept);
  },
};

/** The sum with the weight open, of which the gradient gives the shape. */
function weightOf({ groups, size }: OpenAttrs, { shape: x }: Shaped, { shape: y }: Shaped): Shaped {
  return { shape: [y[1], x[1] / groups, ...size] };
}

const weightKernel: WasmKernel<OpenAttrs> = {
  op: ConvolutionWeightGradient,
  accepts: (_attrs, [x, y]) => isFloat32(x, y),
  scratch: (attrs, [x, y]) => (trivial(x, y) ? 0 : weightGradientScratch(forwardSum(attrs, x, weightOf(attrs, x, y)))),
  stages(attrs, { inputs: [x, y], outputs: [out], scratch }) {
    if (sizeOf(out.shape) === 0) return [];
    if (trivial(x, y)) return [zeros(out)];
    return weightGradientStages(forwardSum(attrs, x, out), x.at, y.at, out.at, scratch);
  },
};

/** Whether there is nothing to sum. */
function trivial(...operands: readonly Shaped[]): boolean {
  return operands.some(({ shape }) => sizeOf(shape) === 0);
}

/**
 * Convolution and its gradients in float32, with any options. Sums are taken in float32: an element of k products lies
 * within k · 2⁻²⁴ · Σ |a| |b| of the exact one. Padding is multiplied like any other element: weights that are
 * not finite make NaN there, as in the definition of a convolution. In its gradient with respect to the input, which the
 * definition sums over the elements of y alone, kernels leave out the padding of whole rows, or all of it: with weights that are not
 * finite more elements at the border are NaN than by the definition.
 */
export const convKernels: readonly WasmKernel[] = [forwardKernel, inputKernel, weightKernel];
export { winogradKernels, type WinogradOptions } from './wasm/winograd/kernels.js';
