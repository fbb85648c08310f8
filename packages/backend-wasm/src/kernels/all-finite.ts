import { sizeOf } from '@lemmata/shape';
import { AllFinite, isFloat } from '@lemmata/tensor';
import { i32, i32x4, v128 } from '../assembler/index.js';
import { stage, type KernelCode } from '../code.js';
import type { WasmKernel } from '../kernel.js';

const start: KernelCode<'out'> = {
  name: 'allFinite.start',
  fields: ['out'],
  build: (f, { out }) => f.do(i32.store8(out, 1)),
};

/** A number is finite unless all bits of its exponent are set. All threads that find one store the same 0. */
function search(dtype: 'float32' | 'float64'): KernelCode<'x' | 'out'> {
  const bytes = dtype === 'float32' ? 4 : 8;
  return {
    name: `allFinite.${dtype}`,
    fields: ['x', 'out'],
    build(f, { x, out }, begin, end) {
      const exponent = f.let(
        dtype === 'float32'
          ? i32x4.splat(0x7f800000)
          : i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(0), 1, 0x7ff00000), 3, 0x7ff00000),
      );
      const found = f.let(i32x4.splat(0));
      const at = f.let(i32.add(x, i32.mul(begin, bytes)));
      const left = f.let(i32.mul(i32.sub(end, begin), bytes));
      const look = (load: typeof v128.load, width: number): void => {
        const bits = f.let(v128.and(load(at), exponent));
        f.set(found, v128.or(found, i32x4.eq(bits, exponent)));
        f.set(at, i32.add(at, width));
      };
      f.repeat(f.let(i32.shr_u(left, 4)), () => look(v128.load, 16));
      f.repeat(f.let(i32.div_u(i32.and(left, 15), bytes)), () =>
        look(bytes === 4 ? v128.load32_splat : v128.load64_splat, bytes),
      );
      // The low halves of float64 count for nothing.
      f.if(v128.any_true(v128.and(found, exponent)), () => f.do(i32.store8(out, 0)));
    },
  };
}

const searches = { float32: search('float32'), float64: search('float64') };

export const allFiniteKernel: WasmKernel = {
  op: AllFinite,
  accepts: () => true,
  stages: (_attrs, { inputs, outputs: [out] }) => [
    stage(start, { out: out.at }, 1, 1),
    ...inputs.flatMap(({ dtype, at, shape }) =>
      isFloat(dtype) && sizeOf(shape) > 0
        ? [stage(searches[dtype], { x: at, out: out.at }, sizeOf(shape), dtype === 'float32' ? 0.1 : 0.2)]
        : [],
    ),
  ],
};
