import type { TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { scalarOp } from '../elementwise/op.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Exp: OpDef = scalarOp('exp');
export const Expm1: OpDef = scalarOp('expm1');
export const Log: OpDef = scalarOp('log');
export const Log1p: OpDef = scalarOp('log1p');
export const Log2: OpDef = scalarOp('log2');
export const Log10: OpDef = scalarOp('log10');
export const Sqrt: OpDef = scalarOp('sqrt');
export const Rsqrt: OpDef = scalarOp('rsqrt');

/** eˣ. Integers compute as float32, here and in the other functions of real numbers. */
export function exp(x: TensorLike): Tensor {
  return applyElementwise(Exp, NO_ATTRS, [x], 'float');
}

/** eˣ − 1, accurate for small x. */
export function expm1(x: TensorLike): Tensor {
  return applyElementwise(Expm1, NO_ATTRS, [x], 'float');
}

/** ln x; −∞ at 0, NaN below. */
export function log(x: TensorLike): Tensor {
  return applyElementwise(Log, NO_ATTRS, [x], 'float');
}

/** ln(1 + x), accurate for small x. */
export function log1p(x: TensorLike): Tensor {
  return applyElementwise(Log1p, NO_ATTRS, [x], 'float');
}

/** log₂ x. */
export function log2(x: TensorLike): Tensor {
  return applyElementwise(Log2, NO_ATTRS, [x], 'float');
}

/** log₁₀ x. */
export function log10(x: TensorLike): Tensor {
  return applyElementwise(Log10, NO_ATTRS, [x], 'float');
}

/** √x; NaN below 0. The gradient at 0 is ∞, but 0 where the upstream gradient is 0. */
export function sqrt(x: TensorLike): Tensor {
  return applyElementwise(Sqrt, NO_ATTRS, [x], 'float');
}

/** 1 / √x. */
export function rsqrt(x: TensorLike): Tensor {
  return applyElementwise(Rsqrt, NO_ATTRS, [x], 'float');
}
