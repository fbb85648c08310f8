import { sizeOf } from '@lemmata/shape';
import { Amax, Amin, isFloat, nodesOf, Sum, type DType, type OpDef, type ScalarExpr, type Spec } from '@lemmata/tensor';
import { isCostly } from '../elementwise/functions.js';
import type { WasmKernel } from '../kernel.js';
import type { Combination } from '../reduce/code.js';
import { fusedReductionStage, packedRun, reductionStage } from '../reduce/kernel.js';

interface ReductionAttrs {
  readonly axes: readonly number[];
}

/** Outputs that keep all threads busy, each of which one thread computes. */
const MANY = 16;
/** Calls of functions of an expression that take no longer than what they read takes from memory. */
const FEW = 4;

/**
 * Whether reading what an expression makes costs more than computing it where it is read. It does along runs; down the columns
 * of several arrays at once, reading is the slower part, and a function that is costly outweighs memory. The value itself all
 * threads make, however few the outputs are.
 */
function pays(axes: readonly number[], { shape, dtype }: Spec, expr: ScalarExpr): boolean {
  const calls = nodesOf(expr).flatMap((node) => (node.kind === 'call' ? [node.fn] : []));
  if (packedRun(shape, axes) === 0 || calls.some((fn) => isCostly(fn, dtype))) return false;
  const outputs = sizeOf(shape.filter((_, axis) => !axes.includes(axis)));
  return outputs >= MANY || calls.length <= FEW;
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
    prologue: {
      accepts: ({ axes }, spec, expr) => pays(axes, spec, expr),
      stage: ({ axes }, program, inputs, out) =>
        fusedReductionStage(combination(program.output), program, inputs, axes, out),
    },
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
