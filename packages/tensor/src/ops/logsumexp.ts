import { asTensor } from '../create.js';
import { elementwise } from '../elementwise/op.js';
import { call, constant } from '../expr.js';
import { apply } from '../interpreter.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { broadcastTo } from './broadcast-to.js';
import { toFloat } from './dtypes.js';
import { lanes, mergeAxes, reducedAxes, reducedShape, type ReduceOptions } from './reduce.js';
import { reshape } from './reshape.js';
import { softmax } from './softmax.js';

export const LogSumExp: OpDef<{ readonly axis: number }> = {
  name: 'logsumexp',
  infer({ axis }, x) {
    return [{ shape: reducedShape(x.shape, [axis], true), dtype: x.dtype }];
  },
  reference({ axis }, [{ data, shape }], [out]) {
    const { starts, count, stride } = lanes(shape, axis);
    for (let l = 0; l < starts.length; l++) {
      const start = starts[l];
      const end = start + count * stride;
      let max = -Infinity;
      for (let p = start; p < end; p += stride) max = Math.max(max, data[p]);
      // ∞ − ∞ is no shift: an infinite largest element is the result.
      const shift = Number.isFinite(max) ? max : 0;
      let total = 0;
      for (let p = start; p < end; p += stride) total += Math.exp(data[p] - shift);
      out.data[l] = Math.log(total) + shift;
    }
  },
  vjp({ axis }, [upstream], [x], [y]) {
    if (upstream === null) return [null];
    const [u, result] = [upstream, y].map((t) => broadcastTo(t, x.shape));
    return [apply(LogSumExpGradient, NO_ATTRS, [u, softmax(x, axis), x, result])[0]];
  },
};

/** upstream · softmax, except where that is NaN because the result is infinite: +∞ passes it on, −∞ does not. */
const LogSumExpGradient: OpDef = elementwise({
  name: 'logsumexp.gradient',
  expr: (_, upstream, softmaxOfX, x, result) =>
    call(
      'select',
      call('eq', result, -Infinity),
      0,
      call(
        'select',
        call('eq', result, Infinity),
        call('select', call('eq', x, constant(Infinity)), upstream, 0),
        call('mul', upstream, softmaxOfX),
      ),
    ),
});

/**
 * ln Σ e^x over `axis` (default: all axes), without overflow; −∞ for no elements. Integers become float32.
 * The gradient is softmax(x); 0 where the result is −∞, and where it is +∞ the upstream at each +∞ alone.
 */
export function logsumexp(x: Tensor, options: ReduceOptions = {}): Tensor {
  const t = toFloat(asTensor(x, 'logsumexp'));
  const axes = reducedAxes('logsumexp', t.rank, options);
  if (axes.length === 0) return t;
  const result = apply(LogSumExp, { axis: t.rank - axes.length }, [mergeAxes(t, axes)])[0];
  return reshape(result, reducedShape(t.shape, axes, options.keepdims ?? false));
}
