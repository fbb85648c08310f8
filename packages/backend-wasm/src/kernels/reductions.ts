import { Amax, Amin, isFloat, Sum, type DType, type OpDef } from '@lemmata/tensor';
import type { WasmKernel } from '../kernel.js';
import { reductionStage, type Combination } from '../reduce/kernel.js';

interface ReductionAttrs {
  readonly axes: readonly number[];
}

/** `ordered`: of packed copies alone, where the order of the elements shows in the result. */
function reduction(
  op: OpDef<ReductionAttrs>,
  combination: (dtype: DType) => Combination,
  ordered?: (dtype: DType) => boolean,
): WasmKernel<ReductionAttrs>[] {
  const kernel = (strided: boolean, accepts: (dtype: DType) => boolean): WasmKernel<ReductionAttrs> => ({
    op,
    ...(strided ? { strided: true as const } : {}),
    accepts: (_attrs, [x]) => accepts(x.dtype),
    stages: ({ axes }, { inputs: [x], outputs: [out] }) => [reductionStage(combination(x.dtype), x, axes, out)],
  });
  return ordered === undefined
    ? [kernel(true, () => true)]
    : [kernel(false, ordered), kernel(true, (dtype) => !ordered(dtype))];
}

/**
 * Sums of floats are taken in float64, in another order than the reference's: of float32 they differ by at most 1 ulp,
 * of n float64 by n · 2⁻⁵³ · Σ |x|. All else is exact.
 */
export const reductionKernels: readonly WasmKernel[] = [
  ...reduction(Sum, (dtype) => ({ fn: 'add', dtype: isFloat(dtype) ? 'float64' : 'int32', start: 0 }), isFloat),
  ...reduction(Amax, (dtype) => ({ fn: 'max', dtype, start: null })),
  ...reduction(Amin, (dtype) => ({ fn: 'min', dtype, start: null })),
];
