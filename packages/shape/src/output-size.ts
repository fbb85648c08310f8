import { sidesOf, type Sides } from './padding.js';
import { judge, type Problems } from './problems.js';
import { at, checkWindow, effectiveKernel, type Window } from './window.js';

/**
 * How many windows fit along one axis, for convolution and pooling:
 * ⌊(W + p₀ + p₁ − d(K − 1) − 1) / s⌋ + 1, which is W − K + 1 + 2P for stride 1 and dilation 1.
 *
 * With `ceil` the quotient is rounded up, and a window that would start in the padding after the
 * input is not counted.
 *
 * @throws ShapeError if no window fits: never returns 0 or less.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html (Shape),
 * https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html (ceil_mode)
 */
export function outputSize(window: Window, op: string | Problems = 'outputSize', axis?: number): number {
  return slide(window, op, axis).size;
}

/** Windows along one axis: how many, and the padding they need. */
export interface Slide {
  readonly size: number;
  readonly padding: Sides;
}

/** As {@link outputSize}, with the padding as `[before, after]`. */
export function slide(window: Window, op: string | Problems = 'outputSize', axis?: number): Slide {
  return judge(op, (problems) => {
    const checked = checkWindow(problems, window, axis);
    if (checked === undefined) return refused;
    const reasons = problems.reasons.length;
    const padding = sidesOf(problems, checked, axis);
    if (problems.reasons.length > reasons) return refused;
    return { size: count(problems, checked, padding, axis), padding };
  });
}

const refused: Slide = { size: 1, padding: [0, 0] };

function count(problems: Problems, window: Required<Window>, [before, after]: Sides, axis?: number): number {
  const { size, kernel, stride, dilation, ceil } = window;
  const span = effectiveKernel(kernel, dilation);
  const free = size + before + after - span;
  const windows = ceil
    ? Math.min(Math.ceil(free / stride) + 1, Math.ceil((size + before) / stride))
    : Math.floor(free / stride) + 1;
  if (windows >= 1) return windows;
  const dilated = dilation === 1 ? `${kernel}` : `${dilation} * (${kernel} - 1) + 1 = ${span}`;
  problems.add({
    rule: `the kernel spans ${dilated}, but the padded input has ${size} + ${before} + ${after} = ${span + free}`,
    ...at(axis),
    hint: 'Use a smaller kernel or dilation, more padding, or a larger input',
  });
  return 1;
}
