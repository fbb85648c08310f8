import type { TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { scalarOp } from '../elementwise/op.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const LogicalAnd: OpDef = scalarOp('and', { name: 'logicalAnd' });
export const LogicalOr: OpDef = scalarOp('or', { name: 'logicalOr' });
export const LogicalXor: OpDef = scalarOp('xor', { name: 'logicalXor' });
export const LogicalNot: OpDef = scalarOp('not', { name: 'logicalNot' });

/** Both are ≠ 0 (NaN is), broadcast, as bool. Logical ops have no gradient, and stop none. */
export function logicalAnd(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(LogicalAnd, NO_ATTRS, [a, b], 'any');
}

/** Either is ≠ 0, broadcast, as bool. */
export function logicalOr(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(LogicalOr, NO_ATTRS, [a, b], 'any');
}

/** One of both is ≠ 0, broadcast, as bool. */
export function logicalXor(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(LogicalXor, NO_ATTRS, [a, b], 'any');
}

/** x is 0, as bool. */
export function logicalNot(x: TensorLike): Tensor {
  return applyElementwise(LogicalNot, NO_ATTRS, [x], 'any');
}
