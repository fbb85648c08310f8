import {
  formatValue,
  OptionError,
  outputPaddingFor,
  paddingPerAxis,
  type PerAxis,
  perAxis,
  Problems,
  type Shape,
  type TransposedConvGeometry,
  transposedConvGeometry,
  unknownOptions,
} from '@lemmata/shape';
import { pad, type Tensor } from '@lemmata/tensor';
import { onBatch } from '../conv/on-batch.js';
import { inputGradient } from '../conv/op.js';

/** Those of the convolution that is transposed. Lists have one entry for each spatial axis. */
export interface ConvTransposeOptions {
  /** Output elements from one window to the next. Default 1. */
  readonly stride?: PerAxis | undefined;
  /** Elements cut from each side of the output: a number, or a number or `[before, after]` for each axis. Default 0. */
  readonly padding?: number | readonly (number | readonly [before: number, after: number])[] | undefined;
  /** Elements added at the end of the output, fewer than max(stride, dilation). Default 0. */
  readonly outputPadding?: PerAxis | undefined;
  /** The spatial sizes of the output, instead of outputPadding: those between which it chooses. Default: those of outputPadding. */
  readonly outputSize?: PerAxis | undefined;
  /** Output elements from one kernel element to the next. Default 1. */
  readonly dilation?: PerAxis | undefined;
  /** Default 1. */
  readonly groups?: number | undefined;
  /** What is cut off was added as zeros. Only `'zeros'`, the default. */
  readonly paddingMode?: 'zeros' | undefined;
}

const names = ['stride', 'padding', 'outputPadding', 'outputSize', 'dilation', 'groups', 'paddingMode'];

/** Throws an OptionError for options that no transposed convolution has, or that contradict each other. */
export function checkTransposeOptions(
  op: string,
  options: ConvTransposeOptions,
  further: readonly string[] = [],
): void {
  unknownOptions(op, options, [...further, ...names]);
  const { outputPadding, outputSize, paddingMode = 'zeros' } = options;
  const reasons: string[] = [];
  if (outputPadding !== undefined && outputSize !== undefined)
    reasons.push('outputSize and outputPadding both choose the size of the output: give one of them');
  if (paddingMode !== 'zeros') {
    reasons.push(
      `paddingMode must be 'zeros', received ${formatValue(paddingMode)}: the adjoint of a convolution with another padding is that of the convolution and that of pad, one after the other`,
    );
  }
  if (reasons.length > 0) throw new OptionError(op, reasons);
}

/** Options with every entry written out, for an input `[N, C, ...spatial]`. */
export function transposeGeometry(
  op: string,
  rank: number,
  shapes: { readonly input: Shape; readonly weight: Shape; readonly bias?: Shape | undefined },
  { outputSize, outputPadding, paddingMode: _, ...options }: ConvTransposeOptions,
): TransposedConvGeometry {
  const chosen =
    outputSize === undefined
      ? outputPadding
      : paddingToReach(op, rank, shapes.input, shapes.weight, options, outputSize);
  return transposedConvGeometry(op, { ...shapes, ...options, outputPadding: chosen, spatialRank: rank });
}

function paddingToReach(
  op: string,
  rank: number,
  input: Shape,
  weight: Shape,
  { stride = 1, dilation = 1, padding = 0 }: ConvTransposeOptions,
  outputSize: PerAxis,
): number[] {
  const problems = new Problems(op);
  const sizes = perAxis(problems, 'outputSize', outputSize, rank, 1);
  const strides = perAxis(problems, 'stride', stride, rank, 1);
  const dilations = perAxis(problems, 'dilation', dilation, rank, 1);
  const paddings = paddingPerAxis(problems, padding, rank) as (number | readonly [number, number])[];
  problems.throwIfAny({ input, weight });
  // Another number of axes is refused with the other rules.
  if (input.length !== rank + 2 || weight.length !== rank + 2) return sizes.map(() => 0);
  const found = sizes.map((size, axis) =>
    outputPaddingFor(
      {
        size: input[axis + 2],
        kernel: weight[axis + 2],
        stride: strides[axis],
        dilation: dilations[axis],
        padding: paddings[axis],
      },
      size,
      problems,
      axis + 2,
    ),
  );
  problems.throwIfAny({ input, weight });
  return found;
}

/** Transposed convolution along `rank` spatial axes; `op` names the caller in errors. */
export function transpose(
  op: string,
  rank: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  options: ConvTransposeOptions,
): Tensor {
  checkTransposeOptions(op, options);
  return onBatch(op, rank, x, weight, bias, (input) => {
    const shapes = { input: input.shape, weight: weight.shape, bias: bias?.shape };
    return adjoint(input, weight, transposeGeometry(op, rank, shapes, options));
  });
}

/** The adjoint of the convolution, of the size that was asked for. */
function adjoint(x: Tensor, weight: Tensor, geometry: TransposedConvGeometry): Tensor {
  const { kernel, stride, dilation, padding, groups, outputPadding, outputShape } = geometry;
  if (outputPadding.every((extra, axis) => extra < stride[axis]))
    return inputGradient(x, weight, { stride, dilation, padding, groups }, outputShape.slice(2));
  // No convolution leaves so much of its input unread: everything that is written to, then zeros behind, then the cut.
  const covered = kernel.map((k, axis) => (x.shape[axis + 2] - 1) * stride[axis] + dilation[axis] * (k - 1) + 1);
  const uncut = inputGradient(x, weight, { stride, dilation, padding: padding.map(() => [0, 0]), groups }, covered);
  const longer = pad(uncut, [0, 0, ...outputPadding.map((extra): [number, number] => [0, extra])]);
  return pad(longer, [0, 0, ...padding.map(([before, after]): [number, number] => [-before, -after])]);
}
