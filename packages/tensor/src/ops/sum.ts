import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { broadcastTo } from './broadcast-to.js';
import { cast } from './cast.js';
import { reducedAxes, reducedShape, rows, type ReduceOptions } from './reduce.js';
import { reshape } from './reshape.js';

export const Sum: OpDef<{ readonly axes: readonly number[] }> = {
  name: 'sum',
  linearIn: [0],
  infer({ axes }, x) {
    return [{ shape: reducedShape(x.shape, axes, true), dtype: x.dtype === 'bool' ? 'int32' : x.dtype }];
  },
  reference({ axes }, [x], [out]) {
    const { starts, runs, count, stride } = rows(x.shape, axes);
    for (let o = 0; o < starts.length; o++) {
      // A float64 total: float32 rounds once, at the end, however many terms there are.
      let total = 0;
      for (let r = 0; r < runs.length; r++) {
        for (let i = 0, p = starts[o] + runs[r]; i < count; i++, p += stride) total += x.data[p];
      }
      out.data[o] = total;
    }
  },
  vjp(_attrs, [upstream], [x]) {
    return [upstream === null ? null : broadcastTo(upstream, x.shape)];
  },
};

/**
 * Σ x over `axis` (default: all axes), in float64 and rounded once. Integers stay integers; truth values are counted as
 * int32. The sum of no elements is 0.
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  const t = asTensor(x, 'sum');
  const axes = reducedAxes('sum', t.rank, options);
  if (axes.length === 0) return t.dtype === 'bool' ? cast(t, 'int32') : t;
  const reduced = apply(Sum, { axes }, [t])[0];
  return options.keepdims ? reduced : reshape(reduced, reducedShape(t.shape, axes, false));
}

/** How many elements are not 0, as int32. NaN is not 0. */
export function countNonzero(x: Tensor, options: ReduceOptions = {}): Tensor {
  return sum(cast(asTensor(x, 'countNonzero'), 'bool'), options);
}
