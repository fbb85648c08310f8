import { OptionError, unknownOptions } from '@lemmata/shape';
import { asTensor } from '../create.js';
import { elementwise } from '../elementwise/op.js';
import { call } from '../expr.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { abs } from './arithmetic.js';
import { broadcastTo } from './broadcast-to.js';
import { cast } from './cast.js';
import { toFloat } from './dtypes.js';
import { amax, amin } from './extremum.js';
import { reducedAxes, reducedShape, rows, type ReduceOptions } from './reduce.js';
import { reshape } from './reshape.js';
import { countNonzero } from './sum.js';

interface PowerNormAttrs {
  readonly axes: readonly number[];
  /** Positive and finite. */
  readonly p: number;
}

export const PowerNorm: OpDef<PowerNormAttrs> = {
  name: 'norm',
  infer({ axes }, x) {
    return [{ shape: reducedShape(x.shape, axes, true), dtype: x.dtype }];
  },
  reference({ axes, p: exponent }, [{ data, shape }], [out]) {
    const { starts, runs, count, stride } = rows(shape, axes);
    for (let o = 0; o < starts.length; o++) {
      let total = 0;
      for (let r = 0; r < runs.length; r++) {
        let p = starts[o] + runs[r];
        if (exponent === 2) for (let i = 0; i < count; i++, p += stride) total += data[p] * data[p];
        else for (let i = 0; i < count; i++, p += stride) total += Math.abs(data[p]) ** exponent;
      }
      out.data[o] = exponent === 2 ? Math.sqrt(total) : total ** (1 / exponent);
    }
  },
  vjp({ p }, [upstream], [x], [y]) {
    if (upstream === null) return [null];
    const [u, norms] = [upstream, y].map((t) => broadcastTo(t, x.shape));
    return [apply(PowerNormGradient, { p }, [u, x, norms])[0]];
  },
};

/** upstream · sign(x) · (|x| / norm)^(p−1), and 0 where the norm is 0 or, for p ≠ 2, where x is: a subgradient at the kinks. */
const PowerNormGradient: OpDef<{ readonly p: number }> = elementwise({
  name: 'norm.gradient',
  expr({ p }, upstream, x, norm) {
    if (p === 1) return call('mul', upstream, call('sign', x));
    const zero = call('eq', p === 2 ? norm : x, 0);
    const divisor = call('select', zero, 1, norm);
    if (p === 2) return call('select', zero, 0, call('mul', upstream, call('div', x, divisor)));
    const ratio = call('div', call('abs', call('select', zero, 1, x)), divisor);
    return call('select', zero, 0, call('mul', upstream, call('mul', call('sign', x), call('pow', ratio, p - 1))));
  },
});

export interface NormOptions extends ReduceOptions {
  /** A number above 0 (default 2), ∞ or −∞ for the largest or smallest |x|, or 0 for the number of elements that are not 0. */
  readonly p?: number | undefined;
}

/**
 * (Σ |x|^p)^(1/p) over `axis` (default: all axes), in float64 and rounded once, so that float32 does not overflow on the
 * way. Integers become float32. At 0, where it has a kink, its gradient is taken to be 0; largest elements that tie share
 * it equally.
 *
 * @throws OptionError for a negative or undefined p.
 */
export function norm(x: Tensor, options: NormOptions = {}): Tensor {
  const { p = 2, ...reduce } = options;
  unknownOptions('norm', options, ['p', 'axis', 'keepdims']);
  const t = toFloat(asTensor(x, 'norm'));
  if (p === Infinity) return amax(abs(t), reduce);
  if (p === -Infinity) return amin(abs(t), reduce);
  if (p === 0) return cast(countNonzero(t, reduce), t.dtype);
  if (!(p > 0))
    throw new OptionError('norm', [`p is a number of at least 0, Infinity or -Infinity, received ${String(p)}`]);
  const axes = reducedAxes('norm', t.rank, reduce);
  if (axes.length === 0) return abs(t);
  const reduced = apply(PowerNorm, { axes, p }, [t])[0];
  return reduce.keepdims ? reduced : reshape(reduced, reducedShape(t.shape, axes, false));
}
