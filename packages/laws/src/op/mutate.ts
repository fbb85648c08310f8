import { EAGER_REFERENCE, type OpDef, type Tensor, type TypedArray, type View } from '@lemmata/tensor';
import type { Mutant } from '../law.js';
import { canDifferentiate, compute, dataOf, pull } from './calls.js';

type Reference = NonNullable<OpDef['reference']>;
type Vjp = NonNullable<OpDef['vjp']>;

/** The op as one that is computed by `reference`, however it was before. */
export function withReference(op: OpDef, reference: Reference, traits: { readonly strided?: true } = {}): OpDef {
  const { name, infer, linearIn } = op;
  return {
    name,
    infer: infer.bind(op),
    reference,
    ...(canDifferentiate(op)
      ? { vjp: (attrs, upstream, inputs, outputs, wants) => pull(op, attrs, upstream, inputs, outputs, wants) }
      : {}),
    ...(linearIn === undefined ? {} : { linearIn }),
    ...traits,
  };
}

/** The elements of every output. */
export function results(op: OpDef, attrs: unknown, inputs: readonly View[]): TypedArray[] {
  return compute(op, attrs, inputs.map(dataOf)).map((t) => t.dataSync());
}

/** A bug in what the op computes: `change` is given each output's right elements, to spoil in place. */
export function outputMutant(
  name: string,
  change: (output: TypedArray, inputs: readonly View[]) => void,
  options: { readonly conditional?: true } = {},
): Mutant<OpDef> {
  return {
    name,
    ...options,
    plant: (op, bites) =>
      withReference(op, (attrs, inputs, outputs) => {
        results(op, attrs, inputs).forEach((data, k) => {
          const right = data.slice();
          change(data, inputs);
          outputs[k].data.set(data);
          if (data.some((v, i) => !Object.is(v, right[i]))) bites();
        });
      }),
  };
}

/** A bug in the gradients. */
export function vjpMutant(
  name: string,
  wrong: (right: Vjp) => Vjp,
  options: Pick<Mutant<OpDef>, 'conditional' | 'idempotent'> = { conditional: true },
): Mutant<OpDef> {
  return {
    name,
    ...options,
    plant(op, bites) {
      if (!canDifferentiate(op)) return null;
      const right: Vjp = (attrs, upstream, inputs, outputs, wants) => pull(op, attrs, upstream, inputs, outputs, wants);
      const spoilt = wrong(right);
      return {
        ...op,
        infer: op.infer.bind(op),
        vjp(attrs, upstream, inputs, outputs, wants) {
          const received = spoilt(attrs, upstream, inputs, outputs, wants);
          // Inside a gradient (second order) there is nothing to compare yet.
          if (
            inputs.every((x) => x.interpreter === EAGER_REFERENCE) &&
            upstream.every((u) => u === null || u.interpreter === EAGER_REFERENCE)
          ) {
            if (differ(received, right(attrs, upstream, inputs, outputs, wants))) bites();
          } else bites();
          return received;
        },
      };
    },
  };
}

/** Whether two lists of gradients differ by more than rounding. */
function differ(a: readonly (Tensor | null)[], b: readonly (Tensor | null)[]): boolean {
  return a.some((gradient, i) => {
    const other = b[i] ?? null;
    if (gradient === null && other === null) return false;
    const x = gradient?.dataSync() ?? new Float64Array(other!.size);
    const y = other?.dataSync() ?? new Float64Array(x.length);
    return x.length !== y.length || x.some((v, k) => !(Math.abs(v - y[k]) <= 1e-4));
  });
}

/** Elements of a tensor changed, as a constant. */
export function changed(x: Tensor, change: (data: TypedArray) => TypedArray | void): Tensor {
  const data = x.dataSync();
  return EAGER_REFERENCE.fromValues(x.spec, change(data) ?? data);
}
