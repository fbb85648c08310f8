import type { TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { elementwise, scalarOp } from '../elementwise/op.js';
import { call } from '../expr.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Floor: OpDef = scalarOp('floor');
export const Ceil: OpDef = scalarOp('ceil');
export const Round: OpDef = scalarOp('round');
export const Trunc: OpDef = scalarOp('trunc');
export const Frac: OpDef = elementwise({ name: 'frac', expr: (_, x) => call('sub', x, call('trunc', x)) });

/** The largest integer not above x. Gradients of the rounding functions are 0. */
export function floor(x: TensorLike): Tensor {
  return applyElementwise(Floor, NO_ATTRS, [x]);
}

/** The smallest integer not below x. */
export function ceil(x: TensorLike): Tensor {
  return applyElementwise(Ceil, NO_ATTRS, [x]);
}

/** The nearest integer, halves to the even one (IEEE 754, as PyTorch; unlike Math.round). */
export function round(x: TensorLike): Tensor {
  return applyElementwise(Round, NO_ATTRS, [x]);
}

/** x without its fraction: towards 0. */
export function trunc(x: TensorLike): Tensor {
  return applyElementwise(Trunc, NO_ATTRS, [x]);
}

/** x − trunc x: the fraction, with the sign of x. The gradient is 1. */
export function frac(x: TensorLike): Tensor {
  return applyElementwise(Frac, NO_ATTRS, [x], 'float');
}
