import { ShapeError } from '@lemmata/shape';
import { type DType, isFloat, type Spec } from '@lemmata/tensor';

/** The dtype of operands that must share one: float32, or float64. Throws a ShapeError naming all of them. */
export function commonFloat(op: string, operands: Readonly<Record<string, Spec>>): DType {
  const specs = Object.values(operands);
  const { dtype } = specs[0];
  if (isFloat(dtype) && specs.every((spec) => spec.dtype === dtype)) return dtype;
  throw new ShapeError(op, [
    {
      rule: `${Object.keys(operands).join(', ')} must be all float32, or all float64`,
      received: specs.map((spec) => spec.dtype),
      hint: 'Convert with cast',
    },
  ]);
}
