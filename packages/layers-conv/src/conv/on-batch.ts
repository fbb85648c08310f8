import { formatValue } from '@lemmata/shape';
import { add, asTensor, isTensor, reshape, type Tensor } from '@lemmata/tensor';
import { commonFloat } from './common-float.js';

/**
 * `f` on a batch of images of `rank` spatial axes, and the bias added: an `x` without a batch axis gets one for the time of
 * the call. `f` checks the shapes, that of the bias too.
 */
export function onBatch(
  op: string,
  rank: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  f: (x: Tensor) => Tensor,
): Tensor {
  if (typeof bias === 'object' && bias !== null && !isTensor(bias))
    throw new TypeError(`${op}: bias is a tensor or null, received ${formatValue(bias)}; options come behind it`);
  const operands = { x: asTensor(x, op), weight: asTensor(weight, op), ...(bias ? { bias: asTensor(bias, op) } : {}) };
  commonFloat(op, Object.fromEntries(Object.entries(operands).map(([name, t]) => [name, t.spec])));
  const one = x.rank === rank + 1;
  const y = f(one ? reshape(x, [1, ...x.shape]) : x);
  const shifted = bias ? add(y, reshape(bias, [bias.size, ...new Array<number>(rank).fill(1)])) : y;
  return one ? reshape(shifted, shifted.shape.slice(1)) : shifted;
}
