import { contiguousStrides, sizeOf } from '@lemmata/shape';
import { collapse, Matmul, type Spec } from '@lemmata/tensor';
import type { Stage } from '../code.js';
import { gemmKept, gemmScratch, gemmStages, type GemmShape, type MatrixAt } from '../gemm/stages.js';
import type { WasmKernel } from '../kernel.js';
import type { Placed } from '../placed.js';
import { zeros } from './fill.js';

function shapeOf(a: { readonly shape: Spec['shape'] }, b: { readonly shape: Spec['shape'] }): GemmShape {
  const [m, k] = a.shape.slice(-2);
  return { batch: sizeOf(a.shape.slice(0, -2)), m, k, n: b.shape[b.shape.length - 1] };
}

/**
 * Matrix product of float32 by the packed GEMM. Sums are taken in float32, so that each element lies within
 * k · 2⁻²⁴ · Σ |a| |b| of the exact one.
 */
export const matmulKernel: WasmKernel = {
  op: Matmul,
  strided: true,
  epilogue: true,
  accepts: (_attrs, [a]) => a.dtype === 'float32',
  scratch: (_attrs, [a, b]) => gemmScratch(shapeOf(a, b)) + (inOneRun(a, b) ? 0 : packedBytes(a, b)),
  keeps: (_attrs, [a, b]) => ({ of: [1], bytes: inOneRun(a, b) ? packedBytes(a, b) : 0 }),
  stages(_attrs, { inputs: [a, b], outputs: [out], scratch, kept }) {
    const shape = shapeOf(a, b);
    const { m, n, k } = shape;
    if (shape.batch * m * n === 0) return [];
    if (k === 0) return [zeros(out)];
    const batches = batchRuns(a, b);
    const stages = batches.starts.flatMap(({ aAt, bAt, at }) =>
      gemmStages(
        { batch: batches.count, m, n, k },
        matrix(a, a.at + 4 * aAt, batches.aStride),
        matrix(b, b.at + 4 * bAt, batches.bStride),
        { at: out.at + 4 * at * m * n, rowStride: 4 * n, columnStride: 4, batchStride: 4 * m * n },
        scratch,
        batches.starts.length === 1 ? kept : scratch + gemmScratch(shape),
      ),
    );
    // Of several products the last stage completes the last alone.
    return batches.starts.length === 1 ? stages : stages.map(partial);
  },
};

const inOneRun = (a: Placed, b: Placed): boolean => batchRuns(a, b).starts.length === 1;

/** Bytes of b where it is packed. */
function packedBytes(a: Placed, b: Placed): number {
  return gemmKept(shapeOf(a, b), matrix(a, a.at, 0), matrix(b, b.at, 0));
}

/** The stage as one that says nothing of what it completes. */
function partial(stage: Stage): Stage {
  const { runs: _, ...code } = stage.code;
  return { ...stage, code };
}

function matrix({ strides }: Placed, at: number, batchStride: number): MatrixAt {
  const [row, column] = strides.slice(-2);
  return { at, rowStride: 4 * row, columnStride: 4 * column, batchStride: 4 * batchStride };
}

interface BatchRuns {
  /** How many matrices lie at equal distances, and these distances in elements. */
  readonly count: number;
  readonly aStride: number;
  readonly bStride: number;
  /** Where such runs start: in a and b in elements, in the output in matrices. */
  readonly starts: readonly { readonly aAt: number; readonly bAt: number; readonly at: number }[];
}

/** The batch as runs along its innermost axis, for layouts that no single stride describes. */
function batchRuns(a: Placed, b: Placed): BatchRuns {
  const {
    shape,
    strides: [as, bs],
  } = collapse(a.shape.slice(0, -2), a.strides.slice(0, -2), b.strides.slice(0, -2));
  const count = shape.pop() ?? 1;
  const aStride = as.pop() ?? 0;
  const bStride = bs.pop() ?? 0;
  const packed = contiguousStrides(shape);
  const starts = Array.from({ length: sizeOf(shape) }, (_, run) => {
    const index = shape.map((size, axis) => Math.floor(run / packed[axis]) % size);
    const dot = (strides: readonly number[]): number => index.reduce((sum, i, axis) => sum + i * strides[axis], 0);
    return { aAt: dot(as), bAt: dot(bs), at: run * count };
  });
  return { count, aStride, bStride, starts };
}
