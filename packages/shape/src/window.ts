import { unknownOptions } from './option-error.js';
import { isSize } from './per-axis.js';
import type { Problems } from './problems.js';

/**
 * Padding by name:
 * - `'valid'`: none.
 * - `'same'`: the output is as long as the input; stride 1 only. Of an odd total the extra element goes to the end.
 * - `'same-upper'`, `'same-lower'`: the output has ⌈n / stride⌉ elements; the extra element goes to the end
 *   (upper) or to the start (lower).
 */
export type PaddingMode = 'valid' | 'same' | 'same-upper' | 'same-lower';

/** Elements added along one axis: the same on both sides, `[before, after]`, or by name. */
export type AxisPadding = number | readonly [before: number, after: number] | PaddingMode;

/** A window that slides along one axis. */
export interface Window {
  /** Elements of the input along this axis. */
  readonly size: number;
  /** Elements that the window reads. */
  readonly kernel: number;
  /** Elements from one window to the next; default 1. */
  readonly stride?: number;
  /** Elements from one read to the next inside a window; default 1. */
  readonly dilation?: number;
  /** Default 0. */
  readonly padding?: AxisPadding;
  /**
   * Also count a last window that overhangs the padded input by less than a stride, as long as it
   * starts inside the input or the padding before it; default false.
   */
  readonly ceil?: boolean;
}

const names = ['size', 'kernel', 'stride', 'dilation', 'padding', 'ceil'] as const;

/** Fills in the defaults; undefined, with the reasons collected, if a number is not a size. */
export function checkWindow(problems: Problems, window: Window, axis?: number): Required<Window> | undefined {
  unknownOptions(problems.op, window, names);
  const { size, kernel, stride = 1, dilation = 1, padding = 0, ceil = false } = window;
  const before = problems.reasons.length;
  for (const [name, value] of Object.entries({ size, kernel, stride, dilation })) {
    if (!isSize(value, 1)) {
      problems.add({ rule: `${name} must be an integer of at least 1`, received: value, ...at(axis) });
    }
  }
  if (typeof ceil !== 'boolean') problems.add({ rule: 'ceil must be true or false', received: ceil, ...at(axis) });
  return problems.reasons.length > before ? undefined : { size, kernel, stride, dilation, padding, ceil };
}

/** Length of input that a window spans: dilation · (kernel − 1) + 1. */
export function effectiveKernel(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/** The axis as a field of a reason, absent where there is none. */
export function at(axis: number | undefined): { axis?: number } {
  return axis === undefined ? {} : { axis };
}
