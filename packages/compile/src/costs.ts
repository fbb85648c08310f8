import { sizeOf } from '@lemmata/shape';
import { BYTES_PER_ELEMENT, input, nodesOf, type OpDef, type ScalarExpr, type Spec } from '@lemmata/tensor';
import type { Line, Program } from './program.js';

/** What a line costs at least. */
export interface Cost {
  /** Floating-point operations. */
  readonly flops: number;
  /** Read and written: of each value once, however often it is read. */
  readonly bytes: number;
}

export function costOf(line: Line, program: Program): Cost {
  return { flops: flopsOf(line, program), bytes: bytesOf(line, program) };
}

function bytesOf({ inputs, outputs }: Line, { values }: Program): number {
  return [...new Set([...inputs, ...outputs])]
    .map((id) => values[id].spec)
    .reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * BYTES_PER_ELEMENT[dtype], 0);
}

/** Floating-point operations of a line as its op defines them, also where a kernel saves some. */
function flopsOf({ op, attrs, inputs, outputs, parts }: Line, program: Program): number {
  if (parts !== undefined) return parts.reduce((sum, part) => sum + flopsOf(part, program), 0);
  const [from, to] = [inputs, outputs].map((ids) => ids.map((id) => program.values[id].spec));
  return opFlops(op, attrs, from, to);
}

/**
 * Two for each multiply-add that the op declares, one for each function of an elementwise expression at each element, and
 * one for each element that any other op reads.
 */
function opFlops(op: OpDef, attrs: unknown, inputs: readonly Spec[], outputs: readonly Spec[]): number {
  const elements = sizeOf(outputs[0].shape);
  if (op.epilogue !== undefined) {
    const { of, arity, expr } = op.epilogue;
    return opFlops(of, attrs, inputs.slice(0, arity), outputs) + calls(expr) * elements;
  }
  if (op.prologue !== undefined) {
    const { of, expr, dtype } = op.prologue;
    const { shape } = inputs[0];
    return calls(expr) * sizeOf(shape) + opFlops(of, attrs, [{ shape, dtype }], outputs);
  }
  if (op.expr !== undefined) return calls(op.expr(attrs, ...inputs.map((_, i) => input(i)))) * elements;
  if (op.multiplyAdds !== undefined) return 2 * op.multiplyAdds(attrs, inputs, outputs);
  return inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function calls(expr: ScalarExpr): number {
  return nodesOf(expr).filter(({ kind }) => kind === 'call').length;
}
