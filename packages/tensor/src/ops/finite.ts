import { unknownOptions } from '@lemmata/shape';
import { asTensor, type TensorLike } from '../create.js';
import { applyElementwise } from '../elementwise/broadcast.js';
import { elementwise, scalarOp } from '../elementwise/op.js';
import { call } from '../expr.js';
import type { View } from '../layout.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import { isFloat } from '../spec.js';
import type { Tensor } from '../tensor.js';

export const IsNaN: OpDef = /* @__PURE__ */ scalarOp('isNaN');
export const IsFinite: OpDef = /* @__PURE__ */ scalarOp('isFinite');
export const IsInf: OpDef = /* @__PURE__ */ elementwise({
  name: 'isInf',
  expr: (_, x) => call('not', call('or', call('isFinite', x), call('isNaN', x))),
});

interface NanToNumAttrs {
  readonly nan: number;
  readonly posinf: number;
  readonly neginf: number;
}

export const NanToNum: OpDef<NanToNumAttrs> = /* @__PURE__ */ elementwise({
  name: 'nanToNum',
  expr: ({ nan, posinf, neginf }, x) =>
    call(
      'select',
      call('isNaN', x),
      nan,
      call('select', call('eq', x, Infinity), posinf, call('select', call('eq', x, -Infinity), neginf, x)),
    ),
});

/** Of any number of inputs: whether every element of every one is finite, as one bool. Asked of the results of a compiled step. */
export const AllFinite: OpDef = {
  name: 'allFinite',
  infer: () => [{ shape: [], dtype: 'bool' }],
  reference(_attrs, inputs, [out]) {
    // x · 0 is 0 for finite x and NaN otherwise: a sum without branches.
    const finite = ({ data }: View): boolean => {
      let zero = 0;
      for (let i = 0; i < data.length; i++) zero += data[i] * 0;
      return zero === 0;
    };
    out.data[0] = Number(inputs.every(finite));
  },
};

/** x is NaN, as bool; integers never are. */
export function isNaN(x: TensorLike): Tensor {
  return applyElementwise(IsNaN, NO_ATTRS, [x], 'any');
}

/** x is neither NaN nor ±∞, as bool. */
export function isFinite(x: TensorLike): Tensor {
  return applyElementwise(IsFinite, NO_ATTRS, [x], 'any');
}

/** x is ∞ or −∞, as bool. */
export function isInf(x: TensorLike): Tensor {
  return applyElementwise(IsInf, NO_ATTRS, [x], 'any');
}

export interface NanToNumOptions {
  /** In place of NaN. Default 0. */
  readonly nan?: number;
  /** In place of ∞. Default: the largest finite value of the dtype. */
  readonly posinf?: number;
  /** In place of −∞. Default: the lowest finite value of the dtype. */
  readonly neginf?: number;
}

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** x with finite numbers in place of NaN and ±∞. The gradient is 0 there, 1 elsewhere. Integers are returned as they are. */
export function nanToNum(x: TensorLike, options: NanToNumOptions = {}): Tensor {
  unknownOptions('nanToNum', options, ['nan', 'posinf', 'neginf']);
  const tensor = asTensor(x, 'nanToNum');
  if (!isFloat(tensor.dtype)) return tensor;
  const largest = tensor.dtype === 'float32' ? LARGEST_FLOAT32 : Number.MAX_VALUE;
  const { nan = 0, posinf = largest, neginf = -largest } = options;
  return applyElementwise(NanToNum, { nan, posinf, neginf }, [tensor]);
}
