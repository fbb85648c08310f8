import {
  formatValue,
  type Border,
  BORDERS,
  checkBorder,
  contiguousStrides,
  OptionError,
  Problems,
  sameShape,
  type Shape,
  ShapeError,
  unknownOptions,
} from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { Extend } from './extend.js';
import { offsetOf, place } from './place.js';
import { Embed, Slice, slice } from './slice.js';

export interface PadAttrs {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

export const Pad: OpDef<PadAttrs> = {
  name: 'pad',
  infer({ before, after }, x) {
    const wrong = [...before, ...after].find((n) => !Number.isInteger(n) || n < 0);
    if (wrong !== undefined) {
      throw new ShapeError(
        'pad',
        [
          {
            rule: 'widths are non-negative integers',
            received: wrong,
            hint: 'The function pad takes elements away for negative ones',
          },
        ],
        { x: x.shape },
      );
    }
    return [{ shape: x.shape.map((n, axis) => before[axis] + n + after[axis]), dtype: x.dtype }];
  },
  reference({ before, value }, [x], [out]) {
    const strides = contiguousStrides(out.shape);
    out.data.fill(value);
    place(x, out.data, strides, offsetOf(before, strides));
  },
  vjp({ before }, [upstream], [x]) {
    return [
      upstream === null
        ? null
        : apply(Slice, { starts: before, steps: before.map(() => 1), sizes: x.shape }, [upstream])[0],
    ];
  },
};

/** Elements added: the same on both sides of every axis, or for each axis a number or `[before, after]`. */
export type PadWidths = number | readonly (number | readonly [before: number, after: number])[];

export interface PadOptions {
  /** What is added: `'constant'` (default) the value, the others elements of `x`; see {@link Border}. */
  readonly mode?: 'constant' | Border | undefined;
  /** For `'constant'`. Default 0. */
  readonly value?: number | undefined;
}

/**
 * `x` with elements around it. Widths are listed for every axis, the first axis first; a negative one takes elements away.
 * A number in the place of the options is the constant.
 *
 * @example pad(x, [0, 0, 1, [0, 2]], { mode: 'reflect' }) // one row above and below, two columns on the right
 * @throws ShapeError for widths for another number of axes, or beyond what an axis has: `'reflect'` gives fewer elements
 * than the axis has, `'circular'` at most as many, and no more can be taken away than there are; OptionError for an
 * unknown option or mode.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 */
export function pad(x: Tensor, widths: PadWidths, options: number | PadOptions = {}): Tensor {
  const t = asTensor(x, 'pad');
  const { mode, value } = modeAndValue(options);
  const [before, after] = sidesOfAxes(widths, t.shape);
  if (before.every((n) => n === 0) && after.every((n) => n === 0)) return t;
  if (mode === 'constant') return surround(t, before, after, value);
  const problems = new Problems('pad');
  t.shape.forEach((size, axis) => checkBorder(problems, mode, size, [before[axis], after[axis]], axis));
  problems.throwIfAny({ x: t.shape });
  return apply(Extend, { border: mode, before, after }, [t])[0];
}

function surround(x: Tensor, before: readonly number[], after: readonly number[], value: number): Tensor {
  const problems = new Problems('pad');
  x.shape.forEach((size, axis) => {
    const away = -Math.min(before[axis], 0) - Math.min(after[axis], 0);
    if (away <= size) return;
    problems.add({ rule: `[${before[axis]}, ${after[axis]}] takes ${away} of ${size} elements away`, axis });
  });
  problems.throwIfAny({ x: x.shape });
  const kept = slice(
    x,
    x.shape.map((size, axis) => [Math.max(-before[axis], 0), size + Math.min(after[axis], 0)]),
  );
  const attrs = { before: before.map((n) => Math.max(n, 0)), after: after.map((n) => Math.max(n, 0)), value };
  const [{ shape }] = Pad.infer(attrs, kept.spec);
  if (sameShape(shape, kept.shape)) return kept;
  // Zeros keep the op linear.
  return value === 0
    ? apply(Embed, { shape, starts: attrs.before, steps: before.map(() => 1) }, [kept])[0]
    : apply(Pad, attrs, [kept])[0];
}

function sidesOfAxes(widths: PadWidths, shape: Shape): [before: number[], after: number[]] {
  const list = typeof widths === 'number' ? shape.map(() => widths) : widths;
  const problems = new Problems('pad');
  if (list.length !== shape.length) {
    problems.add({
      rule: `widths are listed for ${list.length} axes, but the tensor has ${shape.length}`,
      hint: 'Write 0 for an axis that stays as it is',
    });
  }
  const sides = list.map((width, axis) => {
    const both: readonly number[] = typeof width === 'number' ? [width, width] : width;
    if (both.length !== 2 || both.some((n) => !Number.isInteger(n)))
      problems.add({ rule: 'a width is an integer or [before, after]', received: width, axis });
    return both;
  });
  problems.throwIfAny({ x: shape });
  return [sides.map(([before]) => before), sides.map(([, after]) => after)];
}

function modeAndValue(options: number | PadOptions): { mode: 'constant' | Border; value: number } {
  if (typeof options === 'number') return { mode: 'constant', value: options };
  unknownOptions('pad', options, ['mode', 'value']);
  const { mode = 'constant', value } = options;
  const reasons: string[] = [];
  if (mode !== 'constant' && !BORDERS.includes(mode)) {
    reasons.push(`mode must be 'constant', 'reflect', 'replicate' or 'circular', received ${formatValue(mode)}`);
  } else if (mode !== 'constant' && value !== undefined) {
    reasons.push(`a value goes with mode 'constant', received value ${formatValue(value)} and mode '${mode}'`);
  }
  if (value !== undefined && typeof value !== 'number')
    reasons.push(`value must be a number, received ${formatValue(value)}`);
  if (reasons.length > 0) throw new OptionError('pad', reasons);
  return { mode, value: value ?? 0 };
}
