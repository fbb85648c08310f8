import { broadcastShapes, sameShape, type Shape } from '@lemmata/shape';
import { asTensor, full, type TensorLike } from '../create.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import { broadcastTo } from '../ops/broadcast-to.js';
import { cast } from '../ops/cast.js';
import { isFloat, promote, type DType } from '../spec.js';
import { isTensor, type Tensor } from '../tensor.js';

/**
 * What an op makes of operands that are not floats.
 * - `any`: it takes truth values and integers as they are (comparison, maximum, where).
 * - `number`: it computes with integers; truth values count as 0 and 1 (add, mul, abs).
 * - `float`: it is defined on real numbers; integers become float32 (div, exp, pow).
 */
export type Operands = 'any' | 'number' | 'float';

/** Applies an elementwise op after bringing its operands to one dtype and one shape. */
export function applyElementwise<A>(
  op: OpDef<A>,
  attrs: A,
  operands: readonly TensorLike[],
  as: Operands = 'number',
): Tensor {
  return apply(op, attrs, unify(op.name, operands, as))[0];
}

/**
 * Operands as tensors of one dtype and one shape.
 *
 * Dtypes promote along bool < int32 < float32 < float64. A number has no dtype of its own: it takes that of the tensors,
 * except that a fraction, NaN or ±∞ turns integers into float32, and that a number turns truth values into int32. Numbers
 * alone stay numbers: the result is weak again. An integer beyond int32 is refused where it meets integers.
 *
 * @throws ShapeError if the shapes do not broadcast; RangeError for an integer that int32 cannot hold.
 */
export function unify(op: string, operands: readonly TensorLike[], as: Operands = 'number'): Tensor[] {
  let strong: DType | null = null;
  let shape: Shape | null = null;
  let equal = true;
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i];
    if (typeof operand === 'number') continue;
    const { spec } = isTensor(operand) ? operand : asTensor(operand, op);
    if (spec.weak !== true) strong = strong === null ? spec.dtype : promote(strong, spec.dtype);
    if (shape === null) shape = spec.shape;
    else equal &&= sameShape(shape, spec.shape);
  }
  if (!equal) shape = broadcastShapes(op, ...operands.map((x) => (typeof x === 'number' ? [] : x.shape)));
  const common = shape ?? [];
  if (strong === null) return operands.map((x) => broadcastTo(asTensor(x, op), common));
  const dtype = isFloat(strong) ? strong : integersWith(op, strong, operands, as);
  return operands.map((x) => (typeof x === 'number' ? full(common, x, dtype) : broadcastTo(cast(x, dtype), common)));
}

/** The dtype in which integers or truth values meet the other operands. */
function integersWith(op: string, dtype: DType, operands: readonly TensorLike[], as: Operands): DType {
  if (as === 'float') return 'float32';
  let result: DType = as === 'number' ? promote(dtype, 'int32') : dtype;
  for (const operand of operands) {
    // The value of a weak tensor may not be known yet: it could be a fraction.
    if (typeof operand !== 'number' ? operand.spec.weak === true : !Number.isInteger(operand)) return 'float32';
    if (typeof operand === 'number') {
      if (operand !== (operand | 0)) {
        throw new RangeError(
          `${op}: ${operand} meets ${dtype} elements and is beyond int32; cast the tensor to float32 or float64 first`,
        );
      }
      result = promote(result, 'int32');
    }
  }
  return result;
}

/** Broadcasts tensors to their common shape. */
export function broadcastTogether(op: string, tensors: readonly Tensor[]): Tensor[] {
  const [first] = tensors;
  if (tensors.every((t) => sameShape(t.shape, first.shape))) return [...tensors];
  const shape = broadcastShapes(op, ...tensors.map((t) => t.shape));
  return tensors.map((t) => broadcastTo(t, shape));
}
