import { contiguousStrides, type Shape, sizeOf } from '@lemmata/shape';
import type { ConvAttrs, OpenAttrs } from '../op.js';
import type { Placement } from './place.js';
import type { SlidingSum } from './sliding-sum.js';

interface Shaped {
  readonly shape: Shape;
}

/** y from x and w. */
export function forwardSum(
  { stride, dilation, padding, groups }: ConvAttrs,
  { shape: x }: Shaped,
  { shape: w }: Shaped,
): SlidingSum {
  const [images, , ...size] = x;
  const [allFilters, channels, ...kernel] = w;
  const last = size.length - 1;
  const span = kernel.map((k, axis) => (k - 1) * dilation[axis]);
  const output = size.map(
    (n, axis) => Math.floor((n + padding[axis][0] + padding[axis][1] - span[axis] - 1) / stride[axis]) + 1,
  );
  // Where the kernel has one element, what lies between the windows is left out at once.
  const every = kernel.map((k, axis) => (k === 1 ? stride[axis] : 1));
  const left = stride.map((s, axis) => s / every[axis]);
  return {
    images,
    filters: {
      groups,
      filters: allFilters / groups,
      channels,
      kernel: sizeOf(kernel),
      filterStep: channels * sizeOf(kernel),
      channelStep: sizeOf(kernel),
      groupStep: (allFilters / groups) * channels * sizeOf(kernel),
      sizes: kernel,
      steps: contiguousStrides(kernel),
      start: 0,
    },
    placement: {
      size,
      placed: output.map((n, axis) => (n - 1) * left[axis] + span[axis] + 1),
      before: padding.map(([before]) => before),
      every,
      split: left[last],
    },
    output,
    stride: left.map((s, axis) => (axis === last ? 1 : s)),
    tapStart: kernel.map(() => 0),
    tapStep: dilation,
    target: { plane: sizeOf(output), start: 0, steps: contiguousStrides(output) },
    skipsPadding: false,
  };
}

/** The gradient with respect to x, as sums over y placed once. */
export interface InputSums {
  readonly placement: Placement;
  readonly sums: readonly SlidingSum[];
  /** Whether some elements of x are in no sum: windows pass them by, and they are 0. */
  readonly gaps: boolean;
}

/** What meets, along one axis, the elements of x whose place in the padded plane is `rest` modulo the stride. */
interface Phase {
  /** Taps are the kernel elements first, first + step, …: `count` of them; each lies `apart` elements of y before the one before it. */
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly apart: number;
  /** Elements of y in front of which the first element's last tap lies. */
  readonly before: number;
  /** The elements of x: the first, and how many. */
  readonly start: number;
  readonly elements: number;
}

/**
 * The element at I = i + padding of the padded plane collects w[k] · y[j] with j · stride + k · dilation = I. Elements with
 * the same I mod stride meet the same k, and their j follow each other: a sliding sum over y with a part of the kernel,
 * turned round, and channels in the place of filters. Nothing is multiplied with the zeros between the elements of y that
 * undoing a stride would put there.
 */
export function inputSums(
  { stride, dilation, padding, groups, size }: OpenAttrs,
  { shape: y }: Shaped,
  { shape: w }: Shaped,
): InputSums {
  const [images, , ...from] = y;
  const [allFilters, channels, ...kernel] = w;
  const axes = size.map((n, axis) =>
    Array.from({ length: stride[axis] }, (_, rest) =>
      phaseOf(n, kernel[axis], stride[axis], dilation[axis], padding[axis][0], rest),
    ).filter(({ elements }) => elements > 0),
  );
  const used = axes.map((phases) => phases.filter(({ count }) => count > 0));
  const before = used.map((phases) => Math.max(...phases.map((phase) => phase.before)));
  const placed = used.map((phases, axis) =>
    Math.max(...phases.map((p) => p.elements + (p.count - 1) * p.apart + before[axis] - p.before)),
  );
  const placement: Placement = { size: from, placed, before, every: size.map(() => 1), split: 1 };
  const kernelSteps = contiguousStrides(kernel);
  const sizeSteps = contiguousStrides(size);
  const dot = (phases: readonly Phase[], of: (phase: Phase) => number, steps: readonly number[]): number =>
    phases.reduce((sum, phase, axis) => sum + of(phase) * steps[axis], 0);
  const sums = product(used).map((phases): SlidingSum => {
    const sizes = phases.map((p) => p.count);
    return {
      images,
      filters: {
        groups,
        filters: channels,
        channels: allFilters / groups,
        kernel: sizeOf(sizes),
        filterStep: sizeOf(kernel),
        channelStep: channels * sizeOf(kernel),
        groupStep: (allFilters / groups) * channels * sizeOf(kernel),
        sizes,
        steps: phases.map((p, axis) => p.step * kernelSteps[axis]),
        start: dot(phases, (p) => p.first, kernelSteps),
      },
      placement,
      output: phases.map((p) => p.elements),
      stride: size.map(() => 1),
      tapStart: phases.map((p, axis) => before[axis] - p.before + (p.count - 1) * p.apart),
      tapStep: phases.map((p) => -p.apart),
      target: {
        plane: sizeOf(size),
        start: dot(phases, (p) => p.start, sizeSteps),
        steps: sizeSteps.map((step, axis) => step * stride[axis]),
      },
      skipsPadding: true,
    };
  });
  return { placement, sums, gaps: axes.some((phases, axis) => phases.length > used[axis].length) };
}

function phaseOf(size: number, kernel: number, stride: number, dilation: number, pad: number, rest: number): Phase {
  const least = Math.ceil((pad - rest) / stride);
  const elements = Math.floor((size - 1 + pad - rest) / stride) - least + 1;
  let first = 0;
  while (first < kernel && (first * dilation) % stride !== rest) first++;
  // All further ones follow at equal distances.
  const common = gcd(stride, dilation);
  const step = stride / common;
  const apart = dilation / common;
  const count = Math.max(0, Math.ceil((kernel - first) / step));
  const farthest = (first * dilation - rest) / stride + (count - 1) * apart;
  return { first, step, count, apart, before: farthest - least, start: rest + stride * least - pad, elements };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** All ways of taking one of each list. */
function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((rows, list) => rows.flatMap((row) => list.map((each) => [...row, each])), [[]]);
}
