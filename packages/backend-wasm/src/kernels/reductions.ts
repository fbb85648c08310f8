import { Amax, Amin, isFloat, Sum, type DType, type OpDef } from '@lemmata/tensor';
import type { WasmKernel } from '../kernel.js';
import { reductionStage, type Combination } from '../reduce/kernel.js';

interface ReductionAttrs {
  readonly axes: readonly number[];
}

function reduction(op: OpDef<ReductionAttrs>, combination: (dtype: DType) => Combination): WasmKernel<ReductionAttrs> {
  return {
    op,
    strided: true,
    accepts: () => true,
    stages: ({ axes }, { inputs: [x], outputs: [out] }) => [reductionStage(combination(x.dtype), x, axes, out)],
  };
}

/**
 * Sums of floats are taken in float64, in another order than the reference's: of float32 they differ by at most 1 ulp,
 * of n float64 by n · 2⁻⁵³ · Σ |x|. All else is exact.
 */
export const reductionKernels: readonly WasmKernel[] = [
  reduction(Sum, (dtype) => ({ fn: 'add', dtype: isFloat(dtype) ? 'float64' : 'int32', start: 0 })),
  reduction(Amax, (dtype) => ({ fn: 'max', dtype, start: null })),
  reduction(Amin, (dtype) => ({ fn: 'min', dtype, start: null })),
];
