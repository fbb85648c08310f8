import { asTensor } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { mul } from './arithmetic.js';
import { cast } from './cast.js';
import { lanes, mergeAxes, reducedAxes, reducedShape, type ReduceOptions } from './reduce.js';
import { reshape } from './reshape.js';
import { productOfOthers } from './scan.js';
import { sum } from './sum.js';

export const Prod: OpDef<{ readonly axis: number }> = {
  name: 'prod',
  infer({ axis }, x) {
    return [{ shape: reducedShape(x.shape, [axis], true), dtype: x.dtype }];
  },
  reference({ axis }, [x], [out]) {
    const { starts, count, stride } = lanes(x.shape, axis);
    const integer = x.dtype === 'int32';
    for (let l = 0; l < starts.length; l++) {
      let product = 1;
      for (let i = 0, p = starts[l]; i < count; i++, p += stride)
        product = integer ? Math.imul(product, x.data[p]) : product * x.data[p];
      out.data[l] = product;
    }
  },
  vjp({ axis }, [upstream], [x]) {
    return [upstream === null ? null : mul(upstream, productOfOthers(x, axis))];
  },
};

/**
 * The product over `axis` (default: all axes), in float64 and rounded once; int32 products wrap, truth values count as
 * int32. That of no elements is 1. The gradient is exact with zeros too: nothing is divided.
 */
export function prod(x: Tensor, options: ReduceOptions = {}): Tensor {
  const given = asTensor(x, 'prod');
  const t = given.dtype === 'bool' ? cast(given, 'int32') : given;
  const axes = reducedAxes('prod', t.rank, options);
  if (axes.length === 0) return t;
  const product = apply(Prod, { axis: t.rank - axes.length }, [mergeAxes(t, axes)])[0];
  return reshape(product, reducedShape(t.shape, axes, options.keepdims ?? false));
}

/** Whether any element over `axis` (default: all axes) is not 0, as bool; false for none. NaN is not 0. */
export function any(x: Tensor, options: ReduceOptions = {}): Tensor {
  return cast(sum(cast(asTensor(x, 'any'), 'bool'), options), 'bool');
}

/** Whether all elements over `axis` (default: all axes) are other than 0, as bool; true for none. NaN is not 0. */
export function all(x: Tensor, options: ReduceOptions = {}): Tensor {
  return cast(prod(cast(asTensor(x, 'all'), 'bool'), options), 'bool');
}
