import type { ConvGeometry } from './conv-shape.js';
import { checkBias, checkConvOperands, type ConvOperands, expandOptions } from './geometry.js';
import { unknownOptions } from './option-error.js';
import { perAxis, type PerAxis } from './per-axis.js';
import type { Problems } from './problems.js';
import type { Shape } from './shape.js';
import { transposedSlide } from './transposed.js';

/** What a transposed convolution is asked for. */
export interface TransposedConvQuery extends ConvOperands {
  /** `[N, C, ...spatial]`; N may be 0. */
  readonly input: Shape;
  /** `[C, O / groups, ...kernel]`: the weight of the convolution that it transposes. */
  readonly weight: Shape;
  /** `[O]`. */
  readonly bias?: Shape | undefined;
  readonly stride?: PerAxis | undefined;
  readonly dilation?: PerAxis | undefined;
  /** Elements cut from each side: a number, or for each axis a number or `[before, after]`; default 0. */
  readonly padding?: number | readonly (number | readonly [before: number, after: number])[] | undefined;
  /** Elements added at the end, fewer than max(stride, dilation); default 0. */
  readonly outputPadding?: PerAxis | undefined;
  /** Default 1. */
  readonly groups?: number | undefined;
  /** Refuse any other number of spatial axes; by default the weight decides. */
  readonly spatialRank?: number | undefined;
}

/** A transposed convolution with every option written out. */
export interface TransposedConvGeometry extends ConvGeometry {
  readonly outputPadding: number[];
}

const names = ['input', 'weight', 'bias', 'stride', 'dilation', 'padding', 'outputPadding', 'groups', 'spatialRank'];

/**
 * Sizes and options of a transposed convolution along all spatial axes at once, with
 * `outputShape = [N, O, ...]`, each spatial size as in {@link transposedOutputSize}.
 *
 * @throws ShapeError with every reason found.
 */
export function transposedConvGeometry(op: string, query: TransposedConvQuery): TransposedConvGeometry {
  unknownOptions(op, query, names);
  const { input, weight, bias } = query;
  const { problems, shapes, groups } = checkConvOperands(op, query, '[C, O / groups, ...kernel]');
  const kernel = weight.slice(2);
  const { stride, dilation, padding } = expandOptions(problems, query, kernel.length);
  const { outputPadding: added = 0 } = query;
  const outputPadding = perAxis(problems, 'outputPadding', added, kernel.length, 0);
  problems.throwIfAny(shapes);

  checkChannels(problems, groups, input[1]!, weight);
  checkBias(problems, bias, weight[1]! * groups);
  const slides = kernel.map((k, i) =>
    transposedSlide(
      {
        size: input[i + 2]!,
        kernel: k,
        stride: stride[i]!,
        dilation: dilation[i]!,
        // A name ('same') is refused there, with a reason.
        padding: padding[i] as number | [number, number],
        outputPadding: outputPadding[i]!,
      },
      problems,
      i + 2,
    ),
  );
  problems.throwIfAny(shapes);
  const outputShape = [input[0]!, weight[1]! * groups, ...slides.map((s) => s.size)];
  return { outputShape, kernel, stride, dilation, padding: slides.map((s) => s.padding), outputPadding, groups };
}

/** Shape of a transposed convolution's result; see {@link transposedConvGeometry}. */
export function transposedConvOutputShape(op: string, query: TransposedConvQuery): number[] {
  return transposedConvGeometry(op, query).outputShape;
}

function checkChannels(problems: Problems, groups: number, channels: number, weight: Shape): void {
  const depth = weight[0]!;
  if (depth !== channels) {
    problems.add({
      rule: `the weight reads ${depth} channels, but the input has ${channels}`,
      axis: 1,
      hint: `Use a weight of [${channels}, O / groups, ...kernel]`,
    });
  }
  if (channels % groups !== 0) {
    problems.add({ rule: `groups ${groups} must divide the ${channels} input channels`, axis: 1 });
  }
}
