import { add, apply, call, input, matmul, maximum, mul, type OpDef, sum, transpose } from '@lemmata/tensor';
import { elementwiseProgram } from '../elementwise/kernel.js';
import { withEpilogue } from '../epilogue.js';
import type { WasmKernel } from '../kernel.js';
import { matmulKernel } from '../kernels/matmul.js';
import { DIVISION, products } from '../kernels/products.laws.js';
import { integers, kernelLaws, type KernelLaws, type KernelSample } from '../planted.laws.js';
import { fusedReductionStage } from '../reduce/kernel.js';

/*
 * What compiled programs fuse, as kernels of composites: an expression in front of a reduction, and one behind a kernel.
 */

interface Axes {
  readonly axes: readonly number[];
}

/** (a, b) → Σ a b */
const SumOfProduct: OpDef<Axes> = {
  name: 'sumOfProduct',
  infer: ({ axes }, { shape, dtype }) => [{ shape: shape.filter((_, axis) => !axes.includes(axis)), dtype }],
  define: ({ axes }, a, b) => [sum(mul(a, b), { axis: axes })],
};
const product = elementwiseProgram(call('mul', input(0), input(1)), ['float32', 'float32'], 'float32', 'product');
const sumOfProduct: WasmKernel<Axes> = {
  op: SumOfProduct,
  strided: true,
  accepts: () => true,
  stages({ axes }, { inputs, outputs: [out] }) {
    const stage = fusedReductionStage({ fn: 'add', dtype: 'float64', start: 0 }, product, inputs, axes, out);
    if (stage === null) throw new Error('a sample that is not fused');
    return [stage];
  },
};

/** (a, b, c) → max(a · b + c, 0) */
const Dense: OpDef = {
  name: 'matmulThenRelu',
  infer: (_attrs, a, b) => [{ shape: [...a.shape.slice(0, -1), b.shape[b.shape.length - 1]], dtype: a.dtype }],
  define: (_attrs, a, b, c) => [maximum(add(matmul(a, b), c), 0)],
};
const dense: WasmKernel = {
  ...matmulKernel,
  op: Dense,
  stages(attrs, { inputs: [a, b, c], outputs: [out], scratch, kept }) {
    const stages = matmulKernel.stages(attrs, { inputs: [a, b], outputs: [out], scratch, kept });
    const relu = call('max', call('add', input(0), input(1)), call('sub', input(1), input(1)));
    return withEpilogue(stages, relu, out, [c], 'relu');
  },
};

export const fusedKernels: readonly WasmKernel[] = [sumOfProduct, dense];

const inRows = (axes: readonly number[], shape: readonly number[]): KernelSample => ({
  inputs: [integers(shape, 1), integers(shape, 2)],
  compute: (...of) => apply(SumOfProduct, { axes }, of),
});

const OUTERMOST = 'the outermost of several sizes: the range says where it ends';

/** Runs of vectors and a rest, kept axes inside and outside. */
export const laws: readonly KernelLaws[] = [
  kernelLaws([sumOfProduct], [inRows([1], [5, 23]), inRows([0, 2], [3, 4, 9]), inRows([1, 3], [3, 4, 6, 8])], {
    'reduce: kept0 one too large': OUTERMOST,
  }),
  kernelLaws(
    [dense],
    products.map(([a, b], i) => ({
      // Of which neighbours in a row lie apart.
      inputs: [a, b, transpose(integers(transpose(matmul(a, b)).shape, i))],
      compute: (...of) => apply(Dense, {}, of),
    })),
    {
      ...DIVISION,
      'gemm.product: then.size0 one too large': OUTERMOST,
      'elementwise: size0 one too large': OUTERMOST,
    },
  ),
];
