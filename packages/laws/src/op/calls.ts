import { vjp } from '@lemmata/autograd';
import {
  apply,
  EAGER_REFERENCE,
  isFloat,
  zerosLike,
  type DType,
  type OpDef,
  type Spec,
  type Tensor,
  type TypedArray,
  type View,
} from '@lemmata/tensor';
import { noise } from '../noise.js';
import type { CaseInput, OpCase } from '../sample.js';
import { Violation } from '../violation.js';

export type FloatType = 'float32' | 'float64';

export function specOf({ shape, dtype }: Pick<CaseInput, 'shape' | 'dtype'>, floatType: FloatType): Spec {
  return { shape, dtype: dtype === 'float' ? floatType : dtype };
}

/** The inputs of a case as tensors. */
export function tensorsOf({ inputs }: OpCase, floatType: FloatType): Tensor[] {
  return inputs.map((input) => EAGER_REFERENCE.fromValues(specOf(input, floatType), input.values));
}

/** Inputs along which the op is differentiated. */
export function differentiable(inputs: readonly CaseInput[], tensors: readonly Tensor[]): boolean[] {
  return inputs.map(({ constant }, i) => isFloat(tensors[i].dtype) && constant !== true);
}

/** Random upstream gradients of the float outputs; null for others. */
export function upstreamOf(outputs: readonly Tensor[], seed: number): (Tensor | null)[] {
  return outputs.map((y, k) => (isFloat(y.dtype) ? like(y, noise(y.size, seed, k)) : null));
}

export function like(x: Tensor, values: ArrayLike<number>): Tensor {
  return EAGER_REFERENCE.fromValues(x.spec, values);
}

/** Gradients of the inputs, by the op's own `vjp` or else through its definition. */
export function pull(
  op: OpDef,
  attrs: unknown,
  upstream: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  wants: readonly boolean[],
): (Tensor | null)[] {
  if (op.vjp !== undefined) {
    const gradients = op.vjp(attrs, upstream, inputs, outputs, wants);
    if (gradients.length !== inputs.length)
      throw new Violation({ what: 'number of gradients', received: gradients.length, expected: inputs.length });
    return gradients;
  }
  const wanted = inputs.filter((_, i) => wants[i]);
  const { value, pullback } = vjp(
    (...xs: Tensor[]) => {
      let next = 0;
      return op.define!(attrs, ...inputs.map((x, i) => (wants[i] ? xs[next++] : x))).filter((y) => isFloat(y.dtype));
    },
    ...wanted,
  );
  const ups = outputs.flatMap((y, k) => (isFloat(y.dtype) ? [upstream[k] ?? null] : []));
  const gradients = pullback(value.map((y, k) => ups[k] ?? zerosLike(y)));
  let next = 0;
  return inputs.map((_, i) => (wants[i] ? gradients[next++] : null));
}

/** What an op returns for packed inputs, however it is computed. */
export function compute(
  op: OpDef,
  attrs: unknown,
  inputs: readonly { readonly spec: Spec; readonly data: TypedArray }[],
): Tensor[] {
  return apply(
    op,
    attrs,
    inputs.map(({ spec, data }) => EAGER_REFERENCE.fromValues(spec, data)),
  );
}

/** Σ over the float outputs of weights · output. */
export function weigh(outputs: readonly Tensor[], weights: readonly (ArrayLike<number> | null)[]): number {
  let total = 0;
  outputs.forEach((y, k) => {
    const weight = weights[k];
    if (!weight) return;
    const data = y.dataSync();
    for (let i = 0; i < data.length; i++) total += weight[i] * data[i];
  });
  return total;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

export function dataOf(view: View): { spec: Spec; data: TypedArray } {
  return { spec: { shape: view.shape, dtype: view.dtype }, data: view.data };
}

export function canDifferentiate(op: OpDef): boolean {
  return op.vjp !== undefined || op.define !== undefined;
}

export function isFloatType(dtype: 'float' | DType): boolean {
  return dtype === 'float' || isFloat(dtype);
}
