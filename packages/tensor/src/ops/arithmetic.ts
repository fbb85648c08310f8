import { applyElementwise } from '../elementwise/broadcast.js';
import { elementwise } from '../elementwise/op.js';
import type { TensorLike } from '../create.js';
import { call } from '../expr.js';
import type { OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';

export const Add: OpDef = elementwise({ name: 'add', expr: (_, a, b) => call('add', a, b), linearIn: [0, 1] });
export const Sub: OpDef = elementwise({ name: 'sub', expr: (_, a, b) => call('sub', a, b) });
export const Mul: OpDef = elementwise({ name: 'mul', expr: (_, a, b) => call('mul', a, b), linearIn: [0, 1] });
export const Div: OpDef = elementwise({ name: 'div', expr: (_, a, b) => call('div', a, b), linearIn: [0] });
export const Neg: OpDef = elementwise({ name: 'neg', expr: (_, a) => call('neg', a), linearIn: [0] });

/** a + b, broadcast. Mixed dtypes are promoted (bool < int32 < float32 < float64); a number adopts its partner's dtype. */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Add, {}, [a, b]);
}

/** a − b, broadcast. */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Sub, {}, [a, b]);
}

/** a · b, elementwise and broadcast; int32 products wrap. */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Mul, {}, [a, b]);
}

/** a / b, broadcast; integers divide as float32. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Div, {}, [a, b], 'float');
}

/** −a. */
export function neg(a: TensorLike): Tensor {
  return applyElementwise(Neg, {}, [a]);
}
