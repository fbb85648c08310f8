import { elementwise } from '../elementwise/op.js';
import { castTo } from '../expr.js';
import { apply } from '../interpreter.js';
import type { OpDef } from '../op.js';
import type { DType } from '../spec.js';
import type { Tensor } from '../tensor.js';

export const Cast: OpDef<{ readonly dtype: DType }> = elementwise({
  name: 'cast',
  expr: ({ dtype }, x) => castTo(dtype, x),
  linearIn: [0],
});

/**
 * The same values as another dtype. Floats become integers by truncation toward zero (NaN becomes 0) and truth values
 * by ≠ 0. The gradient passes between floats; an integer has none.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype && x.spec.weak !== true ? x : apply(Cast, { dtype }, [x])[0];
}
