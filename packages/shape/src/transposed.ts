import { unknownOptions } from './option-error.js';
import { explicitSides, type Sides } from './padding.js';
import { isSize } from './per-axis.js';
import { judge, type Problems } from './problems.js';
import { at, type AxisPadding, checkWindow } from './window.js';

/** A transposed convolution along one axis. */
export interface TransposedWindow {
  readonly size: number;
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default 1. */
  readonly dilation?: number;
  /** Elements cut from each side of the output: a number or `[before, after]`; default 0. */
  readonly padding?: number | Sides;
  /** Elements added at the end of the output, fewer than stride or fewer than dilation; default 0. */
  readonly outputPadding?: number;
}

/**
 * Size along one axis after a transposed convolution:
 * (n − 1)s − p₀ − p₁ + d(k − 1) + outputPadding + 1.
 *
 * @throws ShapeError if outputPadding ≥ max(stride, dilation), or if nothing is left.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html (Shape)
 */
export function transposedOutputSize(
  window: TransposedWindow,
  op: string | Problems = 'transposedOutputSize',
  axis?: number,
): number {
  return transposedSlide(window, op, axis).size;
}

/** As {@link transposedOutputSize}, with the padding as `[before, after]`. */
export function transposedSlide(
  window: TransposedWindow,
  op: string | Problems = 'transposedOutputSize',
  axis?: number,
): { size: number; padding: Sides } {
  return judge(op, (problems) => {
    const { outputPadding = 0, ...rest } = window;
    const checked = checkWindow(problems, rest, axis);
    if (checked === undefined) return { size: 1, padding: [0, 0] };
    const { size, kernel, stride, dilation } = checked;
    const padding = transposedSides(problems, checked.padding, axis);
    const limit = Math.max(stride, dilation);
    if (!isSize(outputPadding, 0) || outputPadding >= limit) {
      problems.add({
        rule: `outputPadding must be an integer from 0 to ${limit - 1}, below max(stride ${stride}, dilation ${dilation})`,
        received: outputPadding,
        ...at(axis),
      });
      return { size: 1, padding };
    }
    const full = (size - 1) * stride + dilation * (kernel - 1) + outputPadding + 1;
    const result = full - padding[0] - padding[1];
    if (result >= 1) return { size: result, padding };
    problems.add({
      rule: `nothing is left: ${full} elements less padding ${padding[0]} + ${padding[1]} is ${result}`,
      ...at(axis),
      hint: 'Use less padding',
    });
    return { size: 1, padding };
  });
}

/**
 * The outputPadding with which a transposed convolution has `outputSize` elements along one axis,
 * for example those that a convolution of the same stride started from.
 *
 * @throws ShapeError naming the sizes that can be reached.
 */
export function outputPaddingFor(
  window: Omit<TransposedWindow, 'outputPadding'>,
  outputSize: number,
  op: string | Problems = 'outputPaddingFor',
  axis?: number,
): number {
  return judge(op, (problems) => {
    unknownOptions(problems.op, window, ['size', 'kernel', 'stride', 'dilation', 'padding']);
    const { stride = 1, dilation = 1 } = window;
    const found = problems.reasons.length;
    const largest = transposedOutputSize(
      { ...window, outputPadding: Math.max(0, Math.max(stride, dilation) - 1) },
      problems,
      axis,
    );
    if (problems.reasons.length > found) return 0;
    const least = Math.max(1, largest - Math.max(stride, dilation) + 1);
    const extra = outputSize - (largest - Math.max(stride, dilation) + 1);
    if (isSize(outputSize, least) && outputSize <= largest) return extra;
    problems.add({
      rule: 'this output size cannot be reached',
      received: outputSize,
      expected: least === largest ? least : `${least} to ${largest}`,
      ...at(axis),
    });
    return 0;
  });
}

function transposedSides(problems: Problems, padding: AxisPadding, axis?: number): Sides {
  if (padding === 'valid') return [0, 0];
  if (typeof padding !== 'string') return explicitSides(problems, padding, axis);
  problems.add({
    rule: 'a transposed convolution takes its padding as numbers',
    received: padding,
    ...at(axis),
    hint: 'Give the padding of the convolution that it transposes, and choose the size with outputPadding',
  });
  return [0, 0];
}
