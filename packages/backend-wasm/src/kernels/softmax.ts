import { sizeOf } from '@lemmata/shape';
import { LogSoftmax, Softmax, type OpDef } from '@lemmata/tensor';
import { stage, type KernelCode } from '../code.js';
import type { WasmKernel } from '../kernel.js';
import type { Field } from './softmax/access.js';
import { columnsCode } from './softmax/columns.js';
import { logSoftmaxRows, softmaxRows } from './softmax/rows.js';

const CODES = {
  softmax: { row: softmaxRows, columns: columnsCode(false) },
  logSoftmax: { row: logSoftmaxRows, columns: columnsCode(true) },
};

function kernel(
  op: OpDef<{ readonly axis: number }>,
  codes: { readonly row: KernelCode<Field>; readonly columns: KernelCode<Field> },
): WasmKernel<{ readonly axis: number }> {
  return {
    op,
    accepts: (_attrs, [x]) => x.dtype === 'float32',
    stages({ axis }, { inputs: [x], outputs: [out] }) {
      const count = x.shape[axis];
      const inner = sizeOf(x.shape.slice(axis + 1));
      const lanes = sizeOf(x.shape.slice(0, axis)) * inner;
      return [
        stage(
          inner === 1 ? codes.row : codes.columns,
          { in: x.at, out: out.at, count, step: 4 * inner },
          count === 0 ? 0 : lanes,
          2 * count,
        ),
      ];
    },
  };
}

/**
 * Sums of exponentials are taken in float64, in rows after those of a few in float32. softmax lies within 6 + 2 |x − max|
 * ulp of the exact value: of an exponential the argument is rounded, twice where multiply-add is not fused, and an error of
 * |x − max| · 2⁻²⁴ in it is one of up to |x − max| ulp. logSoftmax lies within 2⁻²² and 1 ulp.
 */
export const softmaxKernels: readonly WasmKernel[] = [
  kernel(Softmax, CODES.softmax),
  kernel(LogSoftmax, CODES.logSoftmax),
];
