import type { TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { scalarOp } from '../elementwise/op.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Sin: OpDef = scalarOp('sin');
export const Cos: OpDef = scalarOp('cos');
export const Tan: OpDef = scalarOp('tan');
export const Asin: OpDef = scalarOp('asin');
export const Acos: OpDef = scalarOp('acos');
export const Atan: OpDef = scalarOp('atan');
export const Atan2: OpDef = scalarOp('atan2');

/** sin x, x in radians. */
export function sin(x: TensorLike): Tensor {
  return applyElementwise(Sin, NO_ATTRS, [x], 'float');
}

/** cos x, x in radians. */
export function cos(x: TensorLike): Tensor {
  return applyElementwise(Cos, NO_ATTRS, [x], 'float');
}

/** tan x, x in radians. */
export function tan(x: TensorLike): Tensor {
  return applyElementwise(Tan, NO_ATTRS, [x], 'float');
}

/** arcsin x in [−π/2, π/2]; NaN outside of [−1, 1]. */
export function asin(x: TensorLike): Tensor {
  return applyElementwise(Asin, NO_ATTRS, [x], 'float');
}

/** arccos x in [0, π]; NaN outside of [−1, 1]. */
export function acos(x: TensorLike): Tensor {
  return applyElementwise(Acos, NO_ATTRS, [x], 'float');
}

/** arctan x in [−π/2, π/2]. */
export function atan(x: TensorLike): Tensor {
  return applyElementwise(Atan, NO_ATTRS, [x], 'float');
}

/** The angle of the point (x, y) in (−π, π], broadcast. At the origin, where it has no gradient, 0 is taken for it, as in PyTorch. */
export function atan2(y: TensorLike, x: TensorLike): Tensor {
  return applyElementwise(Atan2, NO_ATTRS, [y, x], 'float');
}
