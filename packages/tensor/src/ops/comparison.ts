import type { TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { scalarOp } from '../elementwise/op.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Eq: OpDef = /* @__PURE__ */ scalarOp('eq');
export const Ne: OpDef = /* @__PURE__ */ scalarOp('ne');
export const Lt: OpDef = /* @__PURE__ */ scalarOp('lt');
export const Le: OpDef = /* @__PURE__ */ scalarOp('le');
export const Gt: OpDef = /* @__PURE__ */ scalarOp('gt');
export const Ge: OpDef = /* @__PURE__ */ scalarOp('ge');

/** a = b, broadcast, as bool; false where either is NaN. Comparisons have no gradient, and stop none. */
export function eq(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Eq, NO_ATTRS, [a, b], 'any');
}

/** a ≠ b, broadcast, as bool; true where either is NaN. */
export function ne(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Ne, NO_ATTRS, [a, b], 'any');
}

/** a < b, broadcast, as bool; false where either is NaN. */
export function lt(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Lt, NO_ATTRS, [a, b], 'any');
}

/** a ≤ b, broadcast, as bool; false where either is NaN. */
export function le(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Le, NO_ATTRS, [a, b], 'any');
}

/** a > b, broadcast, as bool; false where either is NaN. */
export function gt(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Gt, NO_ATTRS, [a, b], 'any');
}

/** a ≥ b, broadcast, as bool; false where either is NaN. */
export function ge(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Ge, NO_ATTRS, [a, b], 'any');
}
