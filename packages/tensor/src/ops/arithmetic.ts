import type { TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { elementwise, scalarOp } from '../elementwise/op.js';
import { call } from '../expr.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import { isFloat } from '../spec.js';
import { isTensor, type Tensor } from '../tensor.js';

export const Add: OpDef = /* @__PURE__ */ scalarOp('add');
export const Sub: OpDef = /* @__PURE__ */ scalarOp('sub');
export const Mul: OpDef = /* @__PURE__ */ scalarOp('mul', { linearIn: [0, 1] });
export const Div: OpDef = /* @__PURE__ */ scalarOp('div', { linearIn: [0] });
export const Neg: OpDef = /* @__PURE__ */ scalarOp('neg', { linearIn: [0] });
export const Abs: OpDef = /* @__PURE__ */ scalarOp('abs');
export const Sign: OpDef = /* @__PURE__ */ scalarOp('sign');
export const Square: OpDef = /* @__PURE__ */ elementwise({ name: 'square', expr: (_, x) => call('mul', x, x) });
export const Reciprocal: OpDef = /* @__PURE__ */ elementwise({ name: 'reciprocal', expr: (_, x) => call('div', 1, x) });
export const Pow: OpDef = /* @__PURE__ */ scalarOp('pow');

/** a + b, broadcast. Mixed dtypes are promoted (bool < int32 < float32 < float64); a number adopts its partner's dtype. */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Add, NO_ATTRS, [a, b]);
}

/** a − b, broadcast. */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Sub, NO_ATTRS, [a, b]);
}

/** a · b, elementwise and broadcast; int32 products wrap. */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Mul, NO_ATTRS, [a, b]);
}

/** a / b, broadcast; integers divide as float32. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Div, NO_ATTRS, [a, b], 'float');
}

/** −x. */
export function neg(x: TensorLike): Tensor {
  return applyElementwise(Neg, NO_ATTRS, [x]);
}

/** |x|. The gradient at 0 is 0. */
export function abs(x: TensorLike): Tensor {
  return applyElementwise(Abs, NO_ATTRS, [x]);
}

/** −1, 0 or 1; NaN of NaN. The gradient is 0. */
export function sign(x: TensorLike): Tensor {
  return applyElementwise(Sign, NO_ATTRS, [x]);
}

/** x². */
export function square(x: TensorLike): Tensor {
  return applyElementwise(Square, NO_ATTRS, [x]);
}

/** 1 / x; integers as float32. */
export function reciprocal(x: TensorLike): Tensor {
  return applyElementwise(Reciprocal, NO_ATTRS, [x], 'float');
}

/**
 * baseᵉˣᵖᵒⁿᵉⁿᵗ, broadcast, by the rules of IEEE 754: 1 to any power and anything to the power 0 are 1, even of NaN; a
 * negative base has fractional powers NaN. Integers compute as float32.
 *
 * Gradients: exponent · baseᵉˣᵖᵒⁿᵉⁿᵗ⁻¹ for the base, 0 where the exponent is 0; baseᵉˣᵖᵒⁿᵉⁿᵗ · ln base for the exponent, 0
 * where the base is 0 and the exponent is not negative.
 */
export function pow(base: TensorLike, exponent: TensorLike): Tensor {
  // A square by multiplication is exact to the last bit, and many times faster.
  if (exponent === 2 && isTensor(base) && isFloat(base.dtype)) return square(base);
  return applyElementwise(Pow, NO_ATTRS, [base, exponent], 'float');
}
