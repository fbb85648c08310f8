import { Abstract, isTensor, type OpDef, type Tensor } from '@lemmata/tensor';

/**
 * A function of tensors as an op, so that it can be held to the laws of one: shapes are inferred by following them through
 * the function, values and gradients are its own.
 */
export function functionOp<A>(name: string, f: (attrs: A, ...inputs: Tensor[]) => Tensor | Tensor[]): OpDef<A> {
  const define = (attrs: A, ...inputs: Tensor[]): Tensor[] => {
    const result = f(attrs, ...inputs);
    return isTensor(result) ? [result] : result;
  };
  return {
    name,
    define,
    infer(attrs, ...specs) {
      const abstract = new Abstract();
      return define(attrs, ...specs.map((spec) => abstract.tensor(spec))).map(({ spec }) => spec);
    },
  };
}
