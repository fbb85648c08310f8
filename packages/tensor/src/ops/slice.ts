import {
  contiguousStrides,
  normalizeAxes,
  normalizeAxis,
  OptionError,
  Problems,
  ShapeError,
  unknownOptions,
  type Shape,
} from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { offsetOf, place } from './place.js';
import { reshape } from './reshape.js';

/** For each axis the first element taken, the step to the next, and how many. */
export interface SliceAttrs {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: readonly number[];
}

export const Slice: OpDef<SliceAttrs> = {
  name: 'slice',
  linearIn: [0],
  infer({ starts, steps, sizes }, x) {
    checkWithin('slice', x.shape, starts, steps, sizes);
    return [{ ...x, shape: sizes }];
  },
  alias({ starts, steps, sizes }, { strides, offset }) {
    return {
      shape: sizes,
      strides: strides.map((stride, axis) => stride * steps[axis]),
      offset: offset + offsetOf(starts, strides),
    };
  },
  vjp({ starts, steps }, [upstream], [x]) {
    return [upstream === null ? null : embed(upstream, x.shape, starts, steps)];
  },
};

/** The adjoint of {@link Slice}: `x` at the places that the slice would take, and zeros elsewhere. */
export const Embed: OpDef<{
  readonly shape: Shape;
  readonly starts: readonly number[];
  readonly steps: readonly number[];
}> = {
  name: 'embed',
  linearIn: [0],
  infer({ shape, starts, steps }, x) {
    checkWithin('embed', shape, starts, steps, x.shape);
    return [{ shape, dtype: x.dtype }];
  },
  reference({ shape, starts, steps }, [x], [out]) {
    const strides = contiguousStrides(shape);
    out.data.fill(0);
    place(
      x,
      out.data,
      strides.map((stride, axis) => stride * steps[axis]),
      offsetOf(starts, strides),
    );
  },
  vjp({ starts, steps }, [upstream], [x]) {
    return [upstream === null ? null : apply(Slice, { starts, steps, sizes: x.shape }, [upstream])[0]];
  },
};

function embed(x: Tensor, shape: Shape, starts: readonly number[], steps: readonly number[]): Tensor {
  return apply(Embed, { shape, starts, steps }, [x])[0];
}

function checkWithin(
  op: string,
  shape: Shape,
  starts: readonly number[],
  steps: readonly number[],
  sizes: Shape,
): void {
  const problems = new Problems(op);
  if (starts.length !== shape.length || steps.length !== shape.length || sizes.length !== shape.length) {
    problems.add({ rule: `starts, steps and sizes name each of the ${shape.length} axes` });
  } else {
    for (let axis = 0; axis < shape.length; axis++) {
      if (sizes[axis] === 0) continue;
      const last = starts[axis] + (sizes[axis] - 1) * steps[axis];
      if (Math.min(starts[axis], last) < 0 || Math.max(starts[axis], last) >= shape[axis]) {
        problems.add({ rule: `elements ${starts[axis]} to ${last} must lie inside an axis of ${shape[axis]}`, axis });
      }
    }
  }
  problems.throwIfAny({ shape });
}

type Bound = number | null | undefined;

type BoundList = readonly [start?: number | null, stop?: number | null, step?: number | null];

/** `[start, stop, step]`, each of which may be missing or null, or the same as an object. */
export type SliceRange = BoundList | { readonly start?: Bound; readonly stop?: Bound; readonly step?: Bound };

/**
 * Elements start, start + step, … before stop, along each axis; axes without a range are taken whole. A view.
 *
 * Bounds follow Python: negative ones count from the end, those beyond an end mean that end, a missing one is the end
 * from which or up to which the step leads; a range may be empty. A negative step walks backwards.
 *
 * @example slice(x, [[1, 3], [], [null, null, -1]]) // x[1:3, :, ::-1]
 * @throws ShapeError for more ranges than axes; OptionError for bounds that are not integers and a step of 0.
 */
export function slice(x: Tensor, ranges: readonly SliceRange[]): Tensor {
  const t = asTensor(x, 'slice');
  if (ranges.length > t.rank) {
    throw new ShapeError('slice', [{ rule: `${ranges.length} ranges were given for ${t.rank} axes` }], { x: t.shape });
  }
  const parts = t.shape.map((size, axis) => resolveRange(ranges[axis] ?? [], axis, size));
  if (parts.every(({ step, count }, axis) => step === 1 && count === t.shape[axis])) return t;
  return apply(
    Slice,
    { starts: parts.map((p) => p.start), steps: parts.map((p) => p.step), sizes: parts.map((p) => p.count) },
    [t],
  )[0];
}

function resolveRange(range: SliceRange, axis: number, size: number): { start: number; step: number; count: number } {
  const [from, to, by] = boundsOf(range);
  for (const [name, value] of Object.entries({ start: from, stop: to, step: by })) {
    if (value === undefined || value === null) continue;
    if (!Number.isInteger(value) || (name === 'step' && value === 0)) {
      throw new OptionError('slice', [
        `${name} of axis ${axis} is an integer${name === 'step' ? ' other than 0' : ''}, received ${String(value)}`,
      ]);
    }
  }
  const step = by ?? 1;
  // One before the first element is the end of a walk backwards.
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const bound = (value: number): number => Math.min(high, Math.max(low, value < 0 ? value + size : value));
  const start = from == null ? (step > 0 ? low : high) : bound(from);
  const stop = to == null ? (step > 0 ? high : low) : bound(to);
  const count = Math.max(0, Math.ceil((stop - start) / step));
  return count === 0 ? { start: 0, step: 1, count } : { start, step, count };
}

function boundsOf(range: SliceRange): BoundList {
  if (isList(range)) return range;
  unknownOptions('slice', range, ['start', 'stop', 'step']);
  return [range.start ?? null, range.stop ?? null, range.step ?? null];
}

function isList(range: SliceRange): range is BoundList {
  return Array.isArray(range);
}

/** `length` elements along one axis, from `start` on. A view. Unlike {@link slice} it refuses what is out of range. */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  const t = asTensor(x, 'narrow');
  const along = normalizeAxis('narrow', axis, t.rank);
  const size = t.shape[along];
  const first = start < 0 ? start + size : start;
  if (!Number.isInteger(start) || !Number.isInteger(length) || length < 0 || first < 0 || first + length > size) {
    throw new ShapeError(
      'narrow',
      [{ rule: `start ${start} and length ${length} must stay inside an axis of ${size}`, axis: along }],
      { x: t.shape },
    );
  }
  return slice(
    t,
    t.shape.map((_, i) => (i === along ? [first, first + length] : [])),
  );
}

/** The elements at one position of an axis, which disappears; a negative position counts from the back. A view. */
export function select(x: Tensor, axis: number, index: number): Tensor {
  const t = asTensor(x, 'select');
  const along = normalizeAxis('select', axis, t.rank);
  const size = t.shape[along];
  if (!Number.isInteger(index) || index < -size || index >= size) {
    throw new ShapeError('select', [{ rule: `index ${index} is out of range for axis ${along} of size ${size}` }], {
      x: t.shape,
    });
  }
  return reshape(
    narrow(t, along, index < 0 ? index + size : index, 1),
    t.shape.filter((_, i) => i !== along),
  );
}

/** `x` in reverse along these axes, by default all. A view. */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  const t = asTensor(x, 'flip');
  const reversed = normalizeAxes('flip', axes, t.rank);
  return slice(
    t,
    t.shape.map((_, axis) => (reversed.includes(axis) ? [null, null, -1] : [])),
  );
}
