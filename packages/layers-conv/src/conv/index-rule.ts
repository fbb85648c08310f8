import { contiguousStrides, type Shape, type Sides, sizeOf } from '@lemmata/shape';
import { offsets } from '@lemmata/tensor';

/** How a window slides, one entry for each spatial axis. */
export interface Sliding {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly Sides[];
}

/**
 * Which input element a kernel element meets at an output position: along each spatial axis of the padded input
 * `output · stride + kernel · dilation`. In a flat padded plane these are sums of two offsets, for any number of axes:
 * the element is `windows[output position] + taps[kernel position]`.
 */
export interface IndexRule {
  /** Elements of a padded input plane. */
  readonly plane: number;
  /** Where the window of each output position starts; planes of several images follow each other. */
  readonly windows: Int32Array;
  /** Where in a window each element of the kernel lies, channel by channel. */
  readonly taps: Int32Array;
  /** Where each row of the input, along its last axis, lies in a padded plane. */
  readonly rows: Int32Array;
  /** Elements of such a row. */
  readonly width: number;
}

/** The rule for `images` images of `channels` channels, by the spatial sizes of input, kernel and output. */
export function indexRule(
  { stride, dilation, padding }: Sliding,
  images: number,
  channels: number,
  input: Shape,
  kernel: Shape,
  output: Shape,
): IndexRule {
  const padded = input.map((size, axis) => padding[axis][0] + size + padding[axis][1]);
  const plane = sizeOf(padded);
  const steps = contiguousStrides(padded);
  const corner = steps.reduce((sum, step, axis) => sum + step * padding[axis][0], 0);
  return {
    plane,
    windows: Int32Array.from(offsets([images, ...output], [channels * plane, ...steps.map((s, a) => s * stride[a])])),
    taps: Int32Array.from(offsets([channels, ...kernel], [plane, ...steps.map((s, a) => s * dilation[a])])),
    rows: Int32Array.from(offsets(input.slice(0, -1), steps.slice(0, -1)), (row) => corner + row),
    width: input[input.length - 1],
  };
}
