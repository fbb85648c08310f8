import { formatShape, formatValue, OptionError, Problems, sameShape, type Shape, sizeOf } from '@lemmata/shape';
import { isFloat, type Tensor } from '@lemmata/tensor';

/** The sizes of the last axes of an input, as they are given: one number is one axis. */
export type NormalizedShape = number | Shape;

/** Sizes as a list: at least one, and none negative. */
export function normalizedShapeOf(op: string, given: NormalizedShape): Shape {
  const shape = typeof given === 'number' ? [given] : given;
  if (Array.isArray(shape) && shape.length > 0 && shape.every((n) => Number.isSafeInteger(n) && n >= 0)) return shape;
  throw new OptionError(op, [
    `normalizedShape must be the sizes of the last axes of x, at least one; received ${formatValue(shape)}`,
  ]);
}

/** Refuses an input [...any, ...normalizedShape] that does not end so. */
export function checkTrailing(problems: Problems, x: Shape, normalizedShape: Shape): void {
  if (x.length < normalizedShape.length || !sameShape(x.slice(x.length - normalizedShape.length), normalizedShape)) {
    problems.add({
      rule: `the last axes of x must be normalizedShape, ${formatShape(normalizedShape)}`,
      received: x,
      hint: 'Give the sizes of those axes over which to normalise',
    });
  }
}

/** Refuses operands that do not fit; returns the shape of x as rows. */
export function rowsOf(
  op: string,
  x: Tensor,
  normalizedShape: Shape,
  operands: Readonly<Record<string, Tensor | null | undefined>>,
): [rows: number, size: number] {
  const problems = new Problems(op);
  checkTrailing(problems, x.shape, normalizedShape);
  if (!isFloat(x.dtype))
    problems.add({ rule: 'x must hold float32 or float64', received: x.dtype, hint: 'Convert with cast' });
  for (const [name, t] of Object.entries(operands)) {
    if (!t) continue;
    if (!sameShape(t.shape, normalizedShape))
      problems.add({ rule: `${name} must have normalizedShape`, received: t.shape, expected: normalizedShape });
    if (isFloat(x.dtype) && t.dtype !== x.dtype) {
      problems.add({
        rule: `${name} must have the dtype of x`,
        received: t.dtype,
        expected: x.dtype,
        hint: 'Convert with cast',
      });
    }
  }
  problems.throwIfAny({ x: x.shape });
  return [sizeOf(x.shape.slice(0, x.rank - normalizedShape.length)), sizeOf(normalizedShape)];
}
