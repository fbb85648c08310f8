import type { TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { scalarOp } from '../elementwise/op.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Remainder: OpDef = scalarOp('mod', { name: 'remainder' });
export const Fmod: OpDef = scalarOp('fmod');
export const FloorDivide: OpDef = scalarOp('floorDiv', { name: 'floorDivide' });

/**
 * a − b · ⌊a / b⌋, broadcast: the remainder with the sign of b (Python's %). By 0: NaN, or 0 for integers.
 * Gradients: 1 for a, −⌊a / b⌋ for b.
 */
export function remainder(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Remainder, NO_ATTRS, [a, b]);
}

/** a − b · trunc(a / b), broadcast: the remainder with the sign of a (C's fmod). By 0: NaN, or 0 for integers. */
export function fmod(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Fmod, NO_ATTRS, [a, b]);
}

/** ⌊a / b⌋, broadcast (Python's //); integers stay integers, and by 0 give 0. The gradient is 0. */
export function floorDivide(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(FloorDivide, NO_ATTRS, [a, b]);
}
