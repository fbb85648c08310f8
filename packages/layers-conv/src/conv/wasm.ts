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
import { type SlidingSum, slidingSumScratch, slidingSumStages } from './wasm/sliding-sum.js';
import { weightGradientScratch, weightGradientStages } from './wasm/weight-gradient.js';

interface Shaped {
  readonly shape: Shape;
}

function forward(
  { stride, dilation, padding, groups }: ConvAttrs,
  { shape: x }: Shaped,
  { shape: w }: Shaped,
): SlidingSum {
  const [images, , ...size] = x;
  const [allFilters, channels, ...kernel] = w;
  const span = kernel.map((k, axis) => (k - 1) * dilation[axis]);
  const output = size.map(
    (n, axis) => Math.floor((n + padding[axis][0] + padding[axis][1] - span[axis] - 1) / stride[axis]) + 1,
  );
  return {
    images,
    filters: {
      groups,
      filters: allFilters / groups,
      channels,
      kernel: sizeOf(kernel),
      filterStep: channels * sizeOf(kernel),
      channelStep: sizeOf(kernel),
    },
    placement: {
      size,
      placed: output.map((n, axis) => (n - 1) * stride[axis] + span[axis] + 1),
      before: padding.map(([before]) => before),
      step: size.map(() => 1),
    },
    output,
    stride,
    kernel,
    tapStart: kernel.map(() => 0),
    tapStep: dilation,
  };
}

/**
 * The gradient with respect to x collects, for each element i of x, w[k] · y[j] with j · stride + k · dilation = i + padding:
 * a sliding sum over y, its elements `stride` apart, with the kernel turned round and channels in the place of filters.
 */
function inputGradient(
  { stride, dilation, padding, groups, size }: OpenAttrs,
  { shape: y }: Shaped,
  { shape: w }: Shaped,
): SlidingSum {
  const [images, , ...from] = y;
  const [allFilters, channels, ...kernel] = w;
  const span = kernel.map((k, axis) => (k - 1) * dilation[axis]);
  return {
    images,
    filters: {
      groups,
      filters: channels,
      channels: allFilters / groups,
      kernel: sizeOf(kernel),
      filterStep: sizeOf(kernel),
      channelStep: channels * sizeOf(kernel),
    },
    placement: {
      size: from,
      placed: size.map((n, axis) => n + span[axis]),
      before: span.map((n, axis) => n - padding[axis][0]),
      step: stride,
    },
    output: size,
    stride: size.map(() => 1),
    kernel,
    tapStart: span,
    tapStep: dilation.map((d) => -d),
  };
}

const isFloat32 = (...specs: readonly Spec[]): boolean => specs.every(({ dtype }) => dtype === 'float32');

function slidingKernel<A extends ConvAttrs>(
  op: WasmKernel<A>['op'],
  sumOf: (attrs: A, x: Shaped, w: Shaped) => SlidingSum,
): WasmKernel<A> {
  return {
    op,
    accepts: (_attrs, [x, w]) => isFloat32(x, w),
    scratch: (attrs, [x, w]) => (trivial(x, w) ? 0 : slidingSumScratch(sumOf(attrs, x, w))),
    stages(attrs, { inputs: [x, w], outputs: [out], scratch }) {
      if (sizeOf(out.shape) === 0) return [];
      if (trivial(x, w)) return [zeros(out)];
      return slidingSumStages(sumOf(attrs, x, w), x.at, w.at, out.at, scratch);
    },
  };
}

/** The sum with the weight open, of which the gradient gives the shape. */
function weightOf({ groups, size }: OpenAttrs, { shape: x }: Shaped, { shape: y }: Shaped): Shaped {
  return { shape: [y[1], x[1] / groups, ...size] };
}

const weightKernel: WasmKernel<OpenAttrs> = {
  op: ConvolutionWeightGradient,
  accepts: (_attrs, [x, y]) => isFloat32(x, y),
  scratch: (attrs, [x, y]) => (trivial(x, y) ? 0 : weightGradientScratch(forward(attrs, x, weightOf(attrs, x, y)))),
  stages(attrs, { inputs: [x, y], outputs: [out], scratch }) {
    if (sizeOf(out.shape) === 0) return [];
    if (trivial(x, y)) return [zeros(out)];
    return weightGradientStages(forward(attrs, x, out), x.at, y.at, out.at, scratch);
  },
};

/** Whether there is nothing to sum. */
function trivial(...operands: readonly Shaped[]): boolean {
  return operands.some(({ shape }) => sizeOf(shape) === 0);
}

/**
 * Convolution and its gradients in float32, with any options. Sums are taken in float32: an element of k products lies
 * within k · 2⁻²⁴ · Σ |a| |b| of the exact one. Padding is multiplied like any other element, as are the zeros between
 * the elements of y where a gradient undoes a stride: weights that are not finite make NaN there.
 */
export const convKernels: readonly WasmKernel[] = [
  slidingKernel(Convolution, forward),
  slidingKernel(ConvolutionInputGradient, inputGradient),
  weightKernel,
];
