import type { TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { scalarOp } from '../elementwise/op.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Sinh: OpDef = scalarOp('sinh');
export const Cosh: OpDef = scalarOp('cosh');
export const Tanh: OpDef = scalarOp('tanh');
export const Asinh: OpDef = scalarOp('asinh');
export const Acosh: OpDef = scalarOp('acosh');
export const Atanh: OpDef = scalarOp('atanh');

/** sinh x. */
export function sinh(x: TensorLike): Tensor {
  return applyElementwise(Sinh, NO_ATTRS, [x], 'float');
}

/** cosh x. */
export function cosh(x: TensorLike): Tensor {
  return applyElementwise(Cosh, NO_ATTRS, [x], 'float');
}

/** tanh x. */
export function tanh(x: TensorLike): Tensor {
  return applyElementwise(Tanh, NO_ATTRS, [x], 'float');
}

/** The inverse of sinh. */
export function asinh(x: TensorLike): Tensor {
  return applyElementwise(Asinh, NO_ATTRS, [x], 'float');
}

/** The inverse of cosh; NaN below 1. */
export function acosh(x: TensorLike): Tensor {
  return applyElementwise(Acosh, NO_ATTRS, [x], 'float');
}

/** The inverse of tanh; ±∞ at ±1, NaN outside. */
export function atanh(x: TensorLike): Tensor {
  return applyElementwise(Atanh, NO_ATTRS, [x], 'float');
}
