import { normalizeAxis, unknownOptions } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { div, mul } from './arithmetic.js';
import { broadcastTo } from './broadcast-to.js';
import { cast } from './cast.js';
import { eq } from './comparison.js';
import { gather } from './gather.js';
import { lanes, needElements, reducedAxes, reducedShape, rows, type ReduceOptions } from './reduce.js';
import { reshape } from './reshape.js';
import { sum } from './sum.js';

export const Amax: OpDef<{ readonly axes: readonly number[] }> = extremum('amax', (data, p, end, stride, best) => {
  for (; p < end; p += stride) best = Math.max(best, data[p]);
  return best;
});

export const Amin: OpDef<{ readonly axes: readonly number[] }> = extremum('amin', (data, p, end, stride, best) => {
  for (; p < end; p += stride) best = Math.min(best, data[p]);
  return best;
});

type Run = (data: ArrayLike<number>, start: number, end: number, stride: number, best: number) => number;

/* @__NO_SIDE_EFFECTS__ */
function extremum(name: string, run: Run): OpDef<{ readonly axes: readonly number[] }> {
  return {
    name,
    infer({ axes }, x) {
      needElements(name, x.shape, axes);
      return [{ shape: reducedShape(x.shape, axes, true), dtype: x.dtype }];
    },
    reference({ axes }, [{ data, shape }], [out]) {
      const { starts, runs, count, stride } = rows(shape, axes);
      for (let o = 0; o < starts.length; o++) {
        let best = data[starts[o]];
        for (let r = 0; r < runs.length; r++) {
          const start = starts[o] + runs[r];
          best = run(data, start, start + count * stride, stride, best);
        }
        out.data[o] = best;
      }
    },
    vjp({ axes }, [upstream], [x], [y]) {
      if (upstream === null) return [null];
      const chosen = cast(eq(x, broadcastTo(y, x.shape)), x.dtype);
      return [mul(chosen, div(upstream, sum(chosen, { axis: axes, keepdims: true })))];
    },
  };
}

/**
 * The largest element over `axis` (default: all axes); NaN if there is one. Elements that tie share the gradient equally.
 *
 * @throws ShapeError for an axis without elements.
 */
export function amax(x: Tensor, options: ReduceOptions = {}): Tensor {
  return extreme(Amax, x, options);
}

/** The smallest element over `axis`; otherwise as {@link amax}. */
export function amin(x: Tensor, options: ReduceOptions = {}): Tensor {
  return extreme(Amin, x, options);
}

function extreme(op: OpDef<{ readonly axes: readonly number[] }>, x: Tensor, options: ReduceOptions): Tensor {
  const t = asTensor(x, op.name);
  const axes = reducedAxes(op.name, t.rank, options);
  if (axes.length === 0) return t;
  const reduced = apply(op, { axes }, [t])[0];
  return options.keepdims ? reduced : reshape(reduced, reducedShape(t.shape, axes, false));
}

export const Argmax: OpDef<{ readonly axis: number }> = argument('argmax', (value, best) => value > best);
export const Argmin: OpDef<{ readonly axis: number }> = argument('argmin', (value, best) => value < best);

/* @__NO_SIDE_EFFECTS__ */
function argument(name: string, beats: (value: number, best: number) => boolean): OpDef<{ readonly axis: number }> {
  return {
    name,
    infer({ axis }, x) {
      needElements(name, x.shape, [axis]);
      return [{ shape: reducedShape(x.shape, [axis], true), dtype: 'int32' }];
    },
    reference({ axis }, [{ data, shape }], [out]) {
      const { starts, count, stride } = lanes(shape, axis);
      for (let l = 0; l < starts.length; l++) {
        let best = data[starts[l]];
        let at = 0;
        for (let i = 1, p = starts[l] + stride; i < count && best === best; i++, p += stride) {
          const value = data[p];
          if (beats(value, best) || value !== value) {
            best = value;
            at = i;
          }
        }
        out.data[l] = at;
      }
    },
  };
}

export interface ArgumentOptions {
  /** Default: the index counts all elements in row-major order. */
  readonly axis?: number | undefined;
  /** Leave the axis in place with size 1. Default false. */
  readonly keepdims?: boolean | undefined;
}

/** Where along an axis the largest element is, as int32: the first of those that tie; the first NaN if there is one. */
export function argmax(x: Tensor, options: ArgumentOptions = {}): Tensor {
  return argumentOf(Argmax, x, options);
}

/** Where the smallest element is; otherwise as {@link argmax}. */
export function argmin(x: Tensor, options: ArgumentOptions = {}): Tensor {
  return argumentOf(Argmin, x, options);
}

function argumentOf(op: OpDef<{ readonly axis: number }>, x: Tensor, options: ArgumentOptions): Tensor {
  unknownOptions(op.name, options, ['axis', 'keepdims']);
  const t = asTensor(x, op.name);
  const { axis, keepdims = false } = options;
  if (axis === undefined) {
    const index = apply(op, { axis: 0 }, [reshape(t, [t.size])])[0];
    return reshape(index, keepdims ? t.shape.map(() => 1) : []);
  }
  const along = normalizeAxis(op.name, axis, t.rank);
  const index = apply(op, { axis: along }, [t])[0];
  return keepdims ? index : reshape(index, reducedShape(t.shape, [along], false));
}

/** Elements and where along the axis they were found. */
export interface ValuesAndIndices {
  readonly values: Tensor;
  /** int32, of the shape of `values`. */
  readonly indices: Tensor;
}

/**
 * The largest elements along one axis and where they are, as {@link argmax} chooses: the gradient goes to that one
 * element. For several axes, or a gradient shared by ties, see {@link amax}.
 */
export function max(
  x: Tensor,
  axis: number,
  options: { readonly keepdims?: boolean | undefined } = {},
): ValuesAndIndices {
  return picked('max', Argmax, x, axis, options);
}

/** The smallest elements along one axis and where they are; otherwise as {@link max}. */
export function min(
  x: Tensor,
  axis: number,
  options: { readonly keepdims?: boolean | undefined } = {},
): ValuesAndIndices {
  return picked('min', Argmin, x, axis, options);
}

function picked(
  name: string,
  op: OpDef<{ readonly axis: number }>,
  x: Tensor,
  axis: number,
  options: { readonly keepdims?: boolean | undefined },
): ValuesAndIndices {
  unknownOptions(name, options, ['keepdims']);
  const t = asTensor(x, name);
  const along = normalizeAxis(name, axis, t.rank);
  needElements(name, t.shape, [along]);
  const indices = apply(op, { axis: along }, [t])[0];
  const values = gather(t, along, indices);
  if (options.keepdims) return { values, indices };
  const shape = reducedShape(t.shape, [along], false);
  return { values: reshape(values, shape), indices: reshape(indices, shape) };
}
