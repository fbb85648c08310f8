import { formatValue } from './shape-error.js';
import { isSize } from './per-axis.js';
import { judge, type Problems } from './problems.js';
import { at, type AxisPadding, checkWindow, effectiveKernel, type PaddingMode, type Window } from './window.js';

/**
 * Padding of all spatial axes: one number or name for all, or for each axis a number or `[before, after]`.
 * In a list every entry is one axis: `[1, 2]` pads two axes by 1 and by 2 on both sides.
 */
export type Padding = number | PaddingMode | readonly (number | readonly [before: number, after: number])[];

/** Elements before and after the input. */
export type Sides = readonly [before: number, after: number];

/** The padding of one axis as `[before, after]`. `op` names the caller in errors. */
export function resolvePadding(window: Window, op: string | Problems = 'resolvePadding', axis?: number): Sides {
  return judge(op, (problems) => {
    const checked = checkWindow(problems, window, axis);
    return checked === undefined ? none : sidesOf(problems, checked, axis);
  });
}

/** As {@link resolvePadding}, for a window that is already checked. */
export function sidesOf(problems: Problems, window: Required<Window>, axis?: number): Sides {
  const { size, kernel, stride, dilation, padding } = window;
  const span = effectiveKernel(kernel, dilation);
  switch (padding) {
    case 'valid':
      return none;
    case 'same':
      if (stride === 1) return halves(span - 1);
      problems.add({
        rule: "padding 'same' needs stride 1",
        received: stride,
        ...at(axis),
        hint: "Use 'same-upper' or 'same-lower', whose output has ceil(size / stride) elements, or give numbers",
      });
      return none;
    case 'same-upper':
    case 'same-lower': {
      const rest = size % stride === 0 ? stride : size % stride;
      const [less, more] = halves(Math.max(0, span - rest));
      return padding === 'same-upper' ? [less, more] : [more, less];
    }
    default:
      return explicitSides(problems, padding, axis);
  }
}

/** A number or `[before, after]` as `[before, after]`. */
export function explicitSides(problems: Problems, padding: AxisPadding, axis?: number): Sides {
  if (isSize(padding, 0)) return [padding, padding];
  if (Array.isArray(padding) && padding.length === 2 && padding.every((side) => isSize(side, 0))) {
    return [padding[0] as number, padding[1] as number];
  }
  problems.add({
    rule: "padding must be a non-negative integer, [before, after], 'valid', 'same', 'same-upper' or 'same-lower'",
    received: padding,
    ...at(axis),
  });
  return none;
}

/** Splits {@link Padding} into one entry for each of `rank` spatial axes. */
export function paddingPerAxis(op: string | Problems, padding: Padding, rank: number): AxisPadding[] {
  if (!Array.isArray(padding)) return new Array<AxisPadding>(rank).fill(padding as AxisPadding);
  return judge(op, (problems) => {
    if (padding.length === rank) return [...(padding as readonly AxisPadding[])];
    const pair = rank === 1 && padding.length === 2;
    problems.add({
      rule: `padding needs one value, or one for each of the ${rank} spatial axes`,
      received: padding,
      hint: pair
        ? `For different sides of one axis write [${formatValue(padding)}]`
        : 'An entry is a number, or [before, after]',
    });
    return new Array<AxisPadding>(rank).fill(0);
  });
}

const none: Sides = [0, 0];

function halves(total: number): Sides {
  const less = Math.floor(total / 2);
  return [less, total - less];
}
