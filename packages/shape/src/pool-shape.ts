import { checkShape } from './check-shape.js';
import { checkRank, expandOptions, type Geometry, type WindowOptions } from './geometry.js';
import { unknownOptions } from './option-error.js';
import { type Slide, slide } from './output-size.js';
import { perAxis, type PerAxis } from './per-axis.js';
import { Problems } from './problems.js';
import type { Shape } from './shape.js';
import { effectiveKernel, type Window } from './window.js';

/** What a pooling is asked for. */
export interface PoolQuery extends WindowOptions {
  /** `[N, C, ...spatial]`; N may be 0. */
  readonly input: Shape;
  readonly kernel: PerAxis;
  /** Default: the kernel. */
  readonly stride?: PerAxis | undefined;
  /** Count a last window that overhangs; default false. */
  readonly ceil?: boolean | undefined;
  /** Refuse any other number of spatial axes; by default the input decides. */
  readonly spatialRank?: number | undefined;
}

/** A pooling with every option written out. */
export interface PoolGeometry extends Geometry {
  readonly ceil: boolean;
}

const names = ['input', 'kernel', 'stride', 'dilation', 'padding', 'ceil', 'spatialRank'];

/**
 * Sizes and options of a pooling along all spatial axes at once, with `outputShape = [N, C, ...]`,
 * each spatial size as in {@link outputSize}.
 *
 * Refuses an input without channels and padding above half the (dilated) kernel, as PyTorch does, and any
 * window that would read padding alone: its maximum would be −∞ and its average 0 / 0.
 *
 * @throws ShapeError with every reason found.
 */
export function poolGeometry(op: string, query: PoolQuery): PoolGeometry {
  unknownOptions(op, query, names);
  const { input, ceil = false, spatialRank } = query;
  const shapes = { input };
  const problems = new Problems(op);
  checkShape(problems, input);
  problems.throwIfAny();

  checkRank(problems, 'input', input.length, '[N, C, ...spatial]', spatialRank);
  if (input[1] === 0) problems.add({ rule: 'input must have at least one channel', received: 0, axis: 1 });
  problems.throwIfAny(shapes);
  const rank = input.length - 2;
  const kernel = perAxis(problems, 'kernel', query.kernel, rank, 1);
  const { stride, dilation, padding } = expandOptions(problems, query, rank, query.kernel);
  problems.throwIfAny(shapes);

  const slides = kernel.map((k, i) => {
    const window = {
      size: input[i + 2]!,
      kernel: k,
      stride: stride[i]!,
      dilation: dilation[i]!,
      padding: padding[i]!,
      ceil,
    };
    const found = problems.reasons.length;
    const result = slide(window, problems, i + 2);
    if (problems.reasons.length === found) checkWindowsTouchInput(problems, window, result, i + 2);
    return result;
  });
  problems.throwIfAny(shapes);
  const outputShape = [input[0]!, input[1]!, ...slides.map((s) => s.size)];
  return { outputShape, kernel, stride, dilation, padding: slides.map((s) => s.padding), ceil };
}

/** Shape of a pooling's result; see {@link poolGeometry}. */
export function poolOutputShape(op: string, query: PoolQuery): number[] {
  return poolGeometry(op, query).outputShape;
}

function checkWindowsTouchInput(problems: Problems, window: Required<Window>, slid: Slide, axis: number): void {
  const { size, kernel, stride, dilation } = window;
  const span = effectiveKernel(kernel, dilation);
  const half = Math.floor(span / 2);
  if (Math.max(...slid.padding) > half) {
    problems.add({
      rule: `padding must be at most ${half}, half the kernel's span of ${span}`,
      axis,
      received: slid.padding,
    });
    return;
  }
  for (let i = 0; i < slid.size; i++) {
    const start = i * stride - slid.padding[0];
    // From here on windows start inside the input, whose element they read first.
    if (start >= 0) return;
    // At most half of the window lies before the input, so that this read is one of its own.
    if (start + Math.ceil(-start / dilation) * dilation < size) continue;
    problems.add({
      rule: `the window at ${start} reads only padding: with dilation ${dilation} it steps over an input of ${size}`,
      axis,
      hint: 'Use less padding or dilation',
    });
    return;
  }
}
