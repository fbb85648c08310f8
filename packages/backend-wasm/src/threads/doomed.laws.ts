import type { OpDef } from '@lemmata/tensor';
import { i32, type I32, type FunctionBuilder } from '../assembler/index.js';
import { stage, type KernelCode } from '../code.js';
import type { WasmKernel } from '../kernel.js';

const UNITS = 100;

/** A kernel whose second half, which a worker runs, ends badly. */
function doomed(name: string, ends: (f: FunctionBuilder, last: I32) => void): WasmKernel {
  const code: KernelCode<'out'> = {
    name,
    fields: ['out'],
    build(f, args, begin, end) {
      f.range(begin, end, 1, (i) => {
        f.do(i32.store(i32.add(args.out, i32.shl(i, 2)), 1));
        f.if(i32.ge_u(i, UNITS / 2), () => ends(f, i));
      });
    },
  };
  const op: OpDef = {
    name,
    infer: () => [{ shape: [UNITS], dtype: 'int32' }],
    reference: (_attrs, _inputs, [out]) => void out.data.fill(1),
  };
  return {
    op,
    accepts: () => true,
    stages: (_attrs, { outputs: [out] }) => [stage(code, { out: out.at }, UNITS, 1e6)],
  };
}

/** Divides by zero: the worker's thread ends with an error. */
export const failing: WasmKernel = doomed('failing', (f, i) => f.drop(i32.div_u(i, 0)));

/** Goes on for ever: the worker does not answer. */
export const stuck: WasmKernel = doomed('stuck', (f) => f.while(i32.const(1), () => {}));
