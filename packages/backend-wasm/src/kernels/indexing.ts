import { sizeOf } from '@lemmata/shape';
import { IndexAdd, IndexSelect, outOfRange } from '@lemmata/tensor';
import { f32, f32x4, i32, memory, v128 } from '../assembler/index.js';
import { stage, type KernelCode } from '../code.js';
import { bytesOf } from '../elementwise/lanes.js';
import type { WasmKernel } from '../kernel.js';
import { zeros } from './fill.js';

type Field = 'from' | 'indices' | 'to' | 'count' | 'size' | 'block';

/** A unit is one slice that is taken: `block` bytes of its part of the outer axes. */
const select: KernelCode<Field> = {
  name: 'indexSelect',
  fields: ['from', 'indices', 'to', 'count', 'size', 'block'],
  build(f, args, begin, end, target) {
    const block = f.let(args.block);
    const size = f.let(args.size);
    const to = f.let(i32.add(args.to, i32.mul(begin, block)));
    f.range(begin, end, 1, (unit) => {
      const outer = f.let(i32.div_u(unit, args.count));
      const at = f.let(i32.sub(unit, i32.mul(outer, args.count)));
      const index = f.let(i32.load(i32.add(args.indices, i32.shl(at, 2))));
      f.if(
        i32.lt_u(index, size),
        () => {
          const from = i32.add(args.from, i32.mul(i32.add(i32.mul(outer, size), index), block));
          f.do(memory.copy(to, from, block));
        },
        () => target.refuse(f, index),
      );
      f.set(to, i32.add(to, block));
    });
  },
};

/** A unit is one part of the outer axes, to whose slices `count` slices of `block` floats are added in their order. */
const add: KernelCode<Field> = {
  name: 'indexAdd',
  fields: ['from', 'indices', 'to', 'count', 'size', 'block'],
  build(f, args, begin, end, target) {
    const block = f.let(args.block);
    const size = f.let(args.size);
    const bytes = f.let(i32.shl(block, 2));
    const from = f.let(i32.add(args.from, i32.mul(i32.mul(begin, args.count), bytes)));
    f.range(begin, end, 1, (outer) => {
      const indices = f.let(args.indices);
      f.repeat(f.let(args.count), () => {
        const index = f.let(i32.load(indices));
        f.if(
          i32.lt_u(index, size),
          () => {
            const to = f.let(i32.add(args.to, i32.mul(i32.add(i32.mul(outer, size), index), bytes)));
            const at = f.let(from);
            const step = (width: number): void => {
              f.set(to, i32.add(to, width));
              f.set(at, i32.add(at, width));
            };
            f.repeat(f.let(i32.shr_u(block, 2)), () => {
              f.do(v128.store(to, f32x4.add(v128.load(to), v128.load(at))));
              step(16);
            });
            f.repeat(f.let(i32.and(block, 3)), () => {
              f.do(f32.store(to, f32.add(f32.load(to), f32.load(at))));
              step(4);
            });
          },
          () => target.refuse(f, index),
        );
        f.set(from, i32.add(from, bytes));
        f.set(indices, i32.add(indices, 4));
      });
    });
  },
};

const indexSelectKernel: WasmKernel<{ readonly axis: number }> = {
  op: IndexSelect,
  accepts: () => true,
  stages({ axis }, { inputs: [x, indices], outputs: [out] }) {
    const size = x.shape[axis];
    const count = sizeOf(indices.shape);
    const block = sizeOf(x.shape.slice(axis + 1)) * bytesOf(x.dtype);
    const args = { from: x.at, indices: indices.at, to: out.at, count, size, block };
    const slices = sizeOf(x.shape.slice(0, axis)) * count;
    const refusal = (index: number): Error => outOfRange('indexSelect', index, axis, size);
    return [stage(select, args, slices, 10 + 0.1 * block, refusal)];
  },
};

/** Sums are taken in float32, in the order of the indices: those of the reference, bit for bit. */
const indexAddKernel: WasmKernel<{ readonly axis: number; readonly size: number }> = {
  op: IndexAdd,
  accepts: (_attrs, [x]) => x.dtype === 'float32',
  stages({ axis, size }, { inputs: [x, indices], outputs: [out] }) {
    const count = sizeOf(indices.shape);
    const block = sizeOf(out.shape.slice(axis + 1));
    const args = { from: x.at, indices: indices.at, to: out.at, count, size, block };
    const refusal = (index: number): Error => outOfRange('indexAdd', index, axis, size);
    return [zeros(out), stage(add, args, sizeOf(x.shape.slice(0, axis)), count * (5 + 0.4 * block), refusal)];
  },
};

/** Slices by their positions: embeddings and their gradients. */
export const indexingKernels: readonly WasmKernel[] = [indexSelectKernel, indexAddKernel];
