import { isFloat, promote, type DType } from '../spec.js';
import type { Tensor } from '../tensor.js';
import { cast } from './cast.js';

/** Tensors as the highest of their dtypes; their shapes may differ. A tensor made from a number adopts the others' dtype. */
export function toOneDType(tensors: readonly Tensor[]): Tensor[] {
  const strong = tensors.filter((t) => t.spec.weak !== true);
  if (strong.length === 0) return [...tensors];
  const dtype = strong.reduce<DType>((highest, t) => promote(highest, t.dtype), 'bool');
  return tensors.map((t) => cast(t, dtype));
}

/** Integers and truth values as float32, for what is defined on real numbers. */
export function toFloat(x: Tensor): Tensor {
  return isFloat(x.dtype) ? x : cast(x, 'float32');
}
