import { normalizeAxis, sameShape, ShapeError, unknownOptions } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { mul } from './arithmetic.js';
import { cast } from './cast.js';
import { pad } from './pad.js';
import { lanes } from './reduce.js';
import { narrow } from './slice.js';

export interface ScanAttrs {
  readonly axis: number;
  /** From the last element to the first. */
  readonly reverse: boolean;
}

export const CumSum: OpDef<ScanAttrs> = {
  name: 'cumsum',
  linearIn: [0],
  infer: (_attrs, x) => [{ shape: x.shape, dtype: x.dtype }],
  reference({ axis, reverse }, [x], [out]) {
    const { starts, count, stride } = lanes(x.shape, axis);
    const step = reverse ? -stride : stride;
    for (let l = 0; l < starts.length; l++) {
      let total = 0;
      for (let i = 0, p = reverse ? starts[l] + (count - 1) * stride : starts[l]; i < count; i++, p += step) {
        total += x.data[p];
        out.data[p] = total;
      }
    }
  },
  vjp({ axis, reverse }, [upstream]) {
    return [upstream === null ? null : apply(CumSum, { axis, reverse: !reverse }, [upstream])[0]];
  },
};

export const CumProd: OpDef<ScanAttrs> = {
  name: 'cumprod',
  infer: (_attrs, x) => [{ shape: x.shape, dtype: x.dtype }],
  reference({ axis, reverse }, [x], [out]) {
    const { starts, count, stride } = lanes(x.shape, axis);
    const step = reverse ? -stride : stride;
    const integer = x.dtype === 'int32';
    for (let l = 0; l < starts.length; l++) {
      let product = 1;
      for (let i = 0, p = reverse ? starts[l] + (count - 1) * stride : starts[l]; i < count; i++, p += step) {
        product = integer ? Math.imul(product, x.data[p]) : product * x.data[p];
        out.data[p] = product;
      }
    }
  },
  // ∂y_k/∂x_i = Π_{j<i} x_j · Π_{i<j≤k} x_j. The first factor is the product before i; the sum over k of upstream times
  // the second is a recurrence from the end. Nothing is divided, so that zeros do no harm.
  vjp({ axis, reverse }, [upstream], [x], [y]) {
    if (upstream === null) return [null];
    const before = shifted(y, axis, reverse, 1);
    const after = linearRecurrence(shifted(x, axis, !reverse, 0), upstream, axis, !reverse);
    return [mul(before, after)];
  },
};

/** h_t = a_t · h_{t−1} + b_t along an axis, and h = b at the first step, where a is not used. */
export const LinearRecurrence: OpDef<ScanAttrs> = {
  name: 'linearRecurrence',
  linearIn: [1],
  infer(_attrs, a, b) {
    if (!sameShape(a.shape, b.shape) || a.dtype !== b.dtype) {
      throw new ShapeError('linearRecurrence', [{ rule: 'both inputs have one shape and dtype' }], {
        a: a.shape,
        b: b.shape,
      });
    }
    return [{ shape: b.shape, dtype: b.dtype }];
  },
  reference({ axis, reverse }, [a, b], [out]) {
    const { starts, count, stride } = lanes(b.shape, axis);
    const step = reverse ? -stride : stride;
    for (let l = 0; l < starts.length; l++) {
      let h = 0;
      for (let i = 0, p = reverse ? starts[l] + (count - 1) * stride : starts[l]; i < count; i++, p += step) {
        h = i === 0 ? b.data[p] : a.data[p] * h + b.data[p];
        out.data[p] = h;
      }
    }
  },
  // g_t = upstream_t + a_{t+1} · g_{t+1} is a recurrence of the same kind, from the end; ∂b_t = g_t, ∂a_t = g_t · h_{t−1}.
  vjp({ axis, reverse }, [upstream], [a], [h], wants) {
    if (upstream === null) return [null, null];
    const g = linearRecurrence(shifted(a, axis, !reverse, 0), upstream, axis, !reverse);
    return [wants[0] ? mul(g, shifted(h, axis, reverse, 0)) : null, wants[1] ? g : null];
  },
};

function linearRecurrence(a: Tensor, b: Tensor, axis: number, reverse: boolean): Tensor {
  return apply(LinearRecurrence, { axis, reverse }, [a, b])[0];
}

/** Every element one place further along the axis, or one back if `reverse`; `value` fills the place that becomes free. */
function shifted(x: Tensor, axis: number, reverse: boolean, value: number): Tensor {
  const size = x.shape[axis];
  if (size === 0) return x;
  const widths = x.shape.map((_, a): [number, number] => (a !== axis ? [0, 0] : reverse ? [0, 1] : [1, 0]));
  return pad(narrow(x, axis, reverse ? 1 : 0, size - 1), widths, value);
}

/** The product of all other elements along an axis, for each element. */
export function productOfOthers(x: Tensor, axis: number): Tensor {
  const scan = (reverse: boolean): Tensor => shifted(apply(CumProd, { axis, reverse }, [x])[0], axis, reverse, 1);
  return mul(scan(false), scan(true));
}

export interface ScanOptions {
  /** Begin at the last element. Default false. */
  readonly reverse?: boolean | undefined;
}

/** Sums of the elements up to and with each one along an axis, in float64 and rounded once. Truth values count as int32. */
export function cumsum(x: Tensor, axis: number, options: ScanOptions = {}): Tensor {
  return scan(CumSum, x, axis, options);
}

/** Products of the elements up to and with each one along an axis; int32 products wrap. The gradient is exact with zeros too. */
export function cumprod(x: Tensor, axis: number, options: ScanOptions = {}): Tensor {
  return scan(CumProd, x, axis, options);
}

function scan(op: OpDef<ScanAttrs>, x: Tensor, axis: number, options: ScanOptions): Tensor {
  unknownOptions(op.name, options, ['reverse']);
  const t = asTensor(x, op.name);
  const numbers = t.dtype === 'bool' ? cast(t, 'int32') : t;
  return apply(op, { axis: normalizeAxis(op.name, axis, t.rank), reverse: options.reverse ?? false }, [numbers])[0];
}
