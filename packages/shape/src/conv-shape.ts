import {
  checkBias,
  checkConvOperands,
  type ConvOperands,
  expandOptions,
  type Geometry,
  type WindowOptions,
} from './geometry.js';
import { unknownOptions } from './option-error.js';
import { slide } from './output-size.js';
import type { Problems } from './problems.js';
import type { Shape } from './shape.js';

/** What a convolution is asked for. */
export interface ConvQuery extends ConvOperands, WindowOptions {
  /** `[N, C, ...spatial]`; N may be 0. */
  readonly input: Shape;
  /** `[O, C / groups, ...kernel]`. */
  readonly weight: Shape;
  /** `[O]`. */
  readonly bias?: Shape | undefined;
  /** Default 1. */
  readonly groups?: number | undefined;
  /** Refuse any other number of spatial axes; by default the weight decides. */
  readonly spatialRank?: number | undefined;
}

/** A convolution with every option written out. */
export interface ConvGeometry extends Geometry {
  readonly groups: number;
}

const names = ['input', 'weight', 'bias', 'stride', 'dilation', 'padding', 'groups', 'spatialRank'];

/**
 * Sizes and options of a convolution along all spatial axes at once, with
 * `outputShape = [N, O, ...]`, each spatial size as in {@link outputSize}.
 *
 * @throws ShapeError with every reason found.
 */
export function convGeometry(op: string, query: ConvQuery): ConvGeometry {
  unknownOptions(op, query, names);
  const { input, weight, bias } = query;
  const { problems, shapes, groups } = checkConvOperands(op, query, '[O, C / groups, ...kernel]');
  const kernel = weight.slice(2);
  const { stride, dilation, padding } = expandOptions(problems, query, kernel.length);
  problems.throwIfAny(shapes);

  checkChannels(problems, groups, input[1]!, weight);
  checkBias(problems, bias, weight[0]!);
  const slides = kernel.map((k, i) =>
    slide(
      { size: input[i + 2]!, kernel: k, stride: stride[i]!, dilation: dilation[i]!, padding: padding[i]! },
      problems,
      i + 2,
    ),
  );
  problems.throwIfAny(shapes);
  const outputShape = [input[0]!, weight[0]!, ...slides.map((s) => s.size)];
  return { outputShape, kernel, stride, dilation, padding: slides.map((s) => s.padding), groups };
}

/** Shape of a convolution's result; see {@link convGeometry}. */
export function convOutputShape(op: string, query: ConvQuery): number[] {
  return convGeometry(op, query).outputShape;
}

function checkChannels(problems: Problems, groups: number, channels: number, weight: Shape): void {
  const [filters, depth] = weight as [number, number];
  if (channels % groups !== 0) {
    problems.add({ rule: `groups ${groups} must divide the ${channels} input channels`, axis: 1 });
  } else if (depth * groups !== channels) {
    problems.add({
      rule: `the weight reads ${depth} channels a group, but the input has ${channels} / ${groups} = ${channels / groups}`,
      axis: 1,
      hint: `Use a weight of [O, ${channels / groups}, ...kernel]${groups === 1 ? ', or set groups' : ''}`,
    });
  }
  if (filters % groups !== 0) {
    problems.add({ rule: `groups ${groups} must divide the ${filters} filters (weight axis 0)` });
  }
}
