import { normalizeAxis, ShapeError, unknownOptions } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import type { ValuesAndIndices } from './extremum.js';
import { gather } from './gather.js';
import { lanes } from './reduce.js';
import { narrow } from './slice.js';

export const Argsort: OpDef<{ readonly axis: number; readonly descending: boolean }> = {
  name: 'argsort',
  infer: (_attrs, x) => [{ shape: x.shape, dtype: 'int32' }],
  reference({ axis, descending }, [x], [out]) {
    const { starts, count, stride } = lanes(x.shape, axis);
    const values = new Float64Array(count);
    const order = new Int32Array(count);
    const sign = descending ? -1 : 1;
    // NaN counts as larger than any number; those that tie keep their order.
    const compare = (i: number, j: number): number => {
      const [a, b] = [values[i], values[j]];
      if (a < b) return -sign;
      if (a > b) return sign;
      if (a === b) return i - j;
      const nan = Number(a !== a) - Number(b !== b);
      return nan === 0 ? i - j : sign * nan;
    };
    for (let l = 0; l < starts.length; l++) {
      for (let i = 0, p = starts[l]; i < count; i++, p += stride) {
        values[i] = x.data[p];
        order[i] = i;
      }
      order.sort(compare);
      for (let i = 0, p = starts[l]; i < count; i++, p += stride) out.data[p] = order[i];
    }
  },
};

export interface SortOptions {
  /** Largest first. Default false. */
  readonly descending?: boolean | undefined;
}

/** The order that sorts an axis (default: the last), as int32. Elements that tie keep their order; NaN counts as largest. */
export function argsort(x: Tensor, axis = -1, options: SortOptions = {}): Tensor {
  return order('argsort', x, axis, options);
}

/** The elements sorted along an axis (default: the last), and where each was. Ties and NaN as in {@link argsort}. */
export function sort(x: Tensor, axis = -1, options: SortOptions = {}): ValuesAndIndices {
  const indices = order('sort', x, axis, options);
  return { values: gather(x, axis, indices), indices };
}

function order(op: string, x: Tensor, axis: number, options: SortOptions): Tensor {
  unknownOptions(op, options, ['descending']);
  const t = asTensor(x, op);
  return apply(Argsort, { axis: normalizeAxis(op, axis, t.rank), descending: options.descending ?? false }, [t])[0];
}

export interface TopkOptions {
  /** The k largest, largest first (default), or the k smallest, smallest first. */
  readonly largest?: boolean | undefined;
}

/**
 * The k largest elements along an axis (default: the last), in order, and where they are. The first of those that tie wins.
 *
 * @throws ShapeError if the axis has fewer than k elements.
 */
export function topk(x: Tensor, k: number, axis = -1, options: TopkOptions = {}): ValuesAndIndices {
  unknownOptions('topk', options, ['largest']);
  const t = asTensor(x, 'topk');
  const along = normalizeAxis('topk', axis, t.rank);
  if (!Number.isInteger(k) || k < 0 || k > t.shape[along]) {
    throw new ShapeError(
      'topk',
      [{ rule: `k must be an integer from 0 to the ${t.shape[along]} elements of the axis`, received: k, axis: along }],
      { x: t.shape },
    );
  }
  const indices = narrow(order('topk', t, along, { descending: options.largest ?? true }), along, 0, k);
  return { values: gather(t, along, indices), indices };
}
