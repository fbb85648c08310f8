import { normalizeAxis } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { elementwise } from '../elementwise/op.js';
import { call } from '../expr.js';
import { apply } from '../interpreter.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { mul, sub } from './arithmetic.js';
import { broadcastTo } from './broadcast-to.js';
import { toFloat } from './dtypes.js';
import { lanes } from './reduce.js';
import { reshape } from './reshape.js';
import { sum } from './sum.js';

export const Softmax: OpDef<{ readonly axis: number }> = {
  name: 'softmax',
  infer: (_attrs, x) => [{ shape: x.shape, dtype: x.dtype }],
  reference({ axis }, [{ data, shape }], [out]) {
    const { starts, count, stride } = lanes(shape, axis);
    const exponentials = new Float64Array(count);
    for (let l = 0; l < starts.length; l++) {
      const start = starts[l];
      const end = start + count * stride;
      let max = -Infinity;
      for (let p = start; p < end; p += stride) max = Math.max(max, data[p]);
      let total = 0;
      for (let i = 0, p = start; i < count; i++, p += stride) total += exponentials[i] = Math.exp(data[p] - max);
      for (let i = 0, p = start; i < count; i++, p += stride) out.data[p] = exponentials[i] / total;
    }
  },
  vjp({ axis }, [upstream], _inputs, [y]) {
    if (upstream === null) return [null];
    const weighted = mul(upstream, y);
    return [sub(weighted, mul(y, sum(weighted, { axis, keepdims: true })))];
  },
};

export const LogSoftmax: OpDef<{ readonly axis: number }> = {
  name: 'logSoftmax',
  infer: (_attrs, x) => [{ shape: x.shape, dtype: x.dtype }],
  reference({ axis }, [{ data, shape }], [out]) {
    const { starts, count, stride } = lanes(shape, axis);
    for (let l = 0; l < starts.length; l++) {
      const start = starts[l];
      const end = start + count * stride;
      let max = -Infinity;
      for (let p = start; p < end; p += stride) max = Math.max(max, data[p]);
      let total = 0;
      for (let p = start; p < end; p += stride) total += Math.exp(data[p] - max);
      const shift = Math.log(total);
      for (let p = start; p < end; p += stride) out.data[p] = data[p] - max - shift;
    }
  },
  vjp({ axis }, [upstream], _inputs, [y]) {
    if (upstream === null) return [null];
    const total = broadcastTo(sum(upstream, { axis, keepdims: true }), y.shape);
    return [apply(LogSoftmaxGradient, NO_ATTRS, [upstream, y, total])[0]];
  },
};

/** upstream − e^y · Σ upstream. */
const LogSoftmaxGradient: OpDef = elementwise({
  name: 'logSoftmax.gradient',
  expr: (_, upstream, y, total) => call('sub', upstream, call('mul', call('exp', y), total)),
});

/**
 * e^xᵢ / Σⱼ e^xⱼ along an axis, without overflow at any finite x. A row of −∞ alone, and one with +∞, gives NaN.
 * Integers become float32. Default axis −1, the last.
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  const t = toFloat(asTensor(x, 'softmax'));
  const along = normalizeAxis('softmax', axis, t.rank);
  if (t.rank === 0) return reshape(softmax(reshape(t, [1])), []);
  return apply(Softmax, { axis: along }, [t])[0];
}

/** ln softmax(x) along an axis, exact also where softmax is 0 in the dtype. Integers become float32. Default axis −1, the last. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  const t = toFloat(asTensor(x, 'logSoftmax'));
  const along = normalizeAxis('logSoftmax', axis, t.rank);
  if (t.rank === 0) return reshape(logSoftmax(reshape(t, [1])), []);
  return apply(LogSoftmax, { axis: along }, [t])[0];
}
