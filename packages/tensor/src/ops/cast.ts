import { checkDType } from '../create.js';
import { elementwise } from '../elementwise/op.js';
import { castTo } from '../expr.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { DType } from '../spec.js';
import type { Tensor } from '../tensor.js';

export const Cast: OpDef<{ readonly dtype: DType }> = {
  ...elementwise({ name: 'cast', expr: ({ dtype }, x) => castTo(dtype, x) }),
  // Unlike the result of other ops on plain numbers, this one has the dtype that was asked for.
  infer: ({ dtype }, x) => [{ shape: x.shape, dtype }],
};

/**
 * The same values as another dtype. Floats become integers by truncation toward zero (NaN becomes 0) and truth values
 * by ≠ 0. The gradient passes between floats; an integer has none.
 *
 * @throws TypeError for a dtype that there is not.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkDType('cast', dtype);
  return x.dtype === dtype && x.spec.weak !== true ? x : apply(Cast, { dtype }, [x])[0];
}
