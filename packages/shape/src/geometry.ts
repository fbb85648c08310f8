import { checkShape } from './check-shape.js';
import { type Padding, paddingPerAxis, type Sides } from './padding.js';
import { isSize, perAxis, type PerAxis } from './per-axis.js';
import { Problems } from './problems.js';
import type { Shape } from './shape.js';
import type { AxisPadding } from './window.js';

/** A sliding window with every option written out for each spatial axis. */
export interface Geometry {
  /** `[N, C, ...spatial]` of the result. */
  readonly outputShape: number[];
  readonly kernel: number[];
  readonly stride: number[];
  readonly dilation: number[];
  readonly padding: Sides[];
}

/** Options as they are given, before they are written out. */
export interface WindowOptions {
  /** Elements from one window to the next. Default 1. */
  readonly stride?: PerAxis | undefined;
  /** Elements from one element of a window to the next. Default 1. */
  readonly dilation?: PerAxis | undefined;
  /** Elements around the input. Default 0. */
  readonly padding?: Padding | undefined;
}

/** Stride, dilation and padding for each of `rank` spatial axes. */
export function expandOptions(
  problems: Problems,
  options: WindowOptions,
  rank: number,
  defaultStride: PerAxis = 1,
): { stride: number[]; dilation: number[]; padding: AxisPadding[] } {
  // Defaults stand for what is left out, not for null.
  const { stride = defaultStride, dilation = 1, padding = 0 } = options;
  return {
    stride: perAxis(problems, 'stride', stride, rank, 1),
    dilation: perAxis(problems, 'dilation', dilation, rank, 1),
    padding: paddingPerAxis(problems, padding, rank),
  };
}

/** Adds a reason unless `rank` axes make batch, channels and the spatial axes asked for (at least one). */
export function checkRank(problems: Problems, name: string, rank: number, axes: string, spatialRank?: number): void {
  const expected = spatialRank === undefined ? undefined : spatialRank + 2;
  if (expected === undefined ? rank >= 3 : rank === expected) return;
  problems.add({
    rule: `${name} must have ${expected ?? 'at least 3'} axes ${axes}`,
    received: rank,
  });
}

/** The shapes that a convolution or its transpose is given. */
export interface ConvOperands {
  readonly input: Shape;
  readonly weight: Shape;
  readonly bias?: Shape | undefined;
  readonly groups?: number | undefined;
  readonly spatialRank?: number | undefined;
}

/** Starts the check of a convolution: throws at once where ranks or groups leave nothing more to say. */
export function checkConvOperands(
  op: string,
  { input, weight, bias, groups = 1, spatialRank }: ConvOperands,
  weightAxes: string,
): { problems: Problems; shapes: Record<string, Shape>; groups: number } {
  const shapes = { input, weight, ...(bias === undefined ? {} : { bias }) };
  const problems = new Problems(op);
  for (const shape of Object.values(shapes)) checkShape(problems, shape);
  problems.throwIfAny();
  checkRank(problems, 'weight', weight.length, weightAxes, spatialRank);
  if (input.length !== weight.length) {
    problems.add({
      rule: `input [N, C, ...spatial] and weight ${weightAxes} must have as many axes`,
      received: [input.length, weight.length],
      hint: 'One image is a batch of 1: reshape it to [1, C, ...spatial]',
    });
  }
  if (!isSize(groups, 1)) problems.add({ rule: 'groups must be an integer of at least 1', received: groups });
  problems.throwIfAny(shapes);
  return { problems, shapes, groups };
}

/** Adds a reason unless the bias, where there is one, is `[channels]`. */
export function checkBias(problems: Problems, bias: Shape | undefined, channels: number): void {
  if (bias === undefined || (bias.length === 1 && bias[0] === channels)) return;
  problems.add({
    rule: `bias must have one element for each of the ${channels} output channels`,
    received: bias,
    expected: [channels],
  });
}
