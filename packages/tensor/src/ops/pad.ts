import { contiguousStrides, ShapeError } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { offsetOf, place } from './place.js';
import { Embed, Slice } from './slice.js';

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
        [{ rule: 'widths are non-negative integers', received: wrong, hint: 'Use slice to take elements away' }],
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

/**
 * `x` with `value` (default 0) around it. Widths are listed for every axis, the first axis first.
 *
 * @throws ShapeError for a negative width, or widths for another number of axes.
 */
export function pad(x: Tensor, widths: PadWidths, value = 0): Tensor {
  const t = asTensor(x, 'pad');
  const list = typeof widths === 'number' ? t.shape.map(() => widths) : widths;
  if (list.length !== t.rank) {
    throw new ShapeError(
      'pad',
      [
        {
          rule: `widths are listed for ${list.length} axes, but the tensor has ${t.rank}`,
          hint: 'Write 0 for an axis that stays as it is',
        },
      ],
      { x: t.shape },
    );
  }
  const before = list.map((w) => (typeof w === 'number' ? w : w[0]));
  const after = list.map((w) => (typeof w === 'number' ? w : w[1]));
  const attrs = { before, after, value };
  const [{ shape }] = Pad.infer(attrs, t.spec);
  if (before.every((n) => n === 0) && after.every((n) => n === 0)) return t;
  // Zeros keep the op linear.
  return value === 0
    ? apply(Embed, { shape, starts: before, steps: before.map(() => 1) }, [t])[0]
    : apply(Pad, attrs, [t])[0];
}
