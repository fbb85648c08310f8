import type { TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { elementwise, scalarOp } from '../elementwise/op.js';
import { call } from '../expr.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Sigmoid: OpDef = scalarOp('sigmoid');
export const LogSigmoid: OpDef = elementwise({
  name: 'logSigmoid',
  expr: (_, x) => call('neg', call('softplus', call('neg', x))),
});
export const Softplus: OpDef = scalarOp('softplus');
export const Erf: OpDef = scalarOp('erf');
export const Erfc: OpDef = scalarOp('erfc');

/**
 * 1 / (1 + e⁻ˣ), without overflow. The gradient is y (1 − y), of the rounded y, as in PyTorch: right to the last digit of 1, and so 0
 * for large x, from 17.4 on in float32, where y is 1.
 */
export function sigmoid(x: TensorLike): Tensor {
  return applyElementwise(Sigmoid, NO_ATTRS, [x], 'float');
}

/** ln sigmoid x = −softplus(−x), without overflow: about x for very negative x. */
export function logSigmoid(x: TensorLike): Tensor {
  return applyElementwise(LogSigmoid, NO_ATTRS, [x], 'float');
}

/** ln(1 + eˣ), without overflow: about x for large x. */
export function softplus(x: TensorLike): Tensor {
  return applyElementwise(Softplus, NO_ATTRS, [x], 'float');
}

/** The error function 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(x: TensorLike): Tensor {
  return applyElementwise(Erf, NO_ATTRS, [x], 'float');
}

/** 1 − erf x, with full relative precision for large x. */
export function erfc(x: TensorLike): Tensor {
  return applyElementwise(Erfc, NO_ATTRS, [x], 'float');
}
