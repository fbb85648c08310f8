import { broadcastShapes, sameShape } from '@lemmata/shape';
import { asTensor, type TensorLike } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import { broadcastTo } from '../ops/broadcast-to.js';
import { cast } from '../ops/cast.js';
import { isFloat, promote, type DType } from '../spec.js';
import type { Tensor } from '../tensor.js';

/** Applies an elementwise op after bringing its operands to one dtype and one shape. */
export function applyElementwise<A>(op: OpDef<A>, attrs: A, operands: readonly TensorLike[], as: 'same' | 'float' = 'same'): Tensor {
  return apply(op, attrs, broadcastTogether(op.name, unify(op.name, operands, as)))[0];
}

/** Operands of one dtype: the highest of those that are not plain numbers; `float` makes integers float32. */
export function unify(op: string, operands: readonly TensorLike[], as: 'same' | 'float' = 'same'): Tensor[] {
  const tensors = operands.map((x) => asTensor(x, op));
  const strong = tensors.filter((t) => t.spec.weak !== true);
  if (strong.length === 0) return tensors;
  let dtype = strong.reduce<DType>((d, t) => promote(d, t.dtype), 'bool');
  if (!isFloat(dtype)) {
    // A fraction cannot become an integer, nor a number a truth value.
    const numbers = operands.filter((x) => typeof x === 'number');
    const traced = strong.length + numbers.length < tensors.length;
    if (as === 'float' || traced || !numbers.every(Number.isInteger)) dtype = 'float32';
    else if (dtype === 'bool' && numbers.length > 0) dtype = 'int32';
  }
  return tensors.map((t) => cast(t, dtype));
}

export function broadcastTogether(op: string, tensors: readonly Tensor[]): Tensor[] {
  const [first] = tensors;
  if (tensors.every((t) => sameShape(t.shape, first.shape))) return [...tensors];
  const shape = broadcastShapes(op, ...tensors.map((t) => t.shape));
  return tensors.map((t) => broadcastTo(t, shape));
}
