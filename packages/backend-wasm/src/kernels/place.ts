import { contiguousStrides, sizeOf } from '@lemmata/shape';
import { collapse, Concat, Embed, Reshape, Split, type DType } from '@lemmata/tensor';
import { f32, f64, i32, memory, type FunctionBuilder, type I32 } from '../assembler/index.js';
import { stage, type KernelCode, type Stage } from '../code.js';
import { copyStage } from '../elementwise/copy.js';
import { bytesOf } from '../elementwise/lanes.js';
import type { WasmKernel } from '../kernel.js';
import type { Placed } from '../placed.js';
import { eachIndex } from '../walk.js';
import { zeros } from './fill.js';

/** How elements of so many bytes are moved one by one. */
const MOVE: Readonly<Record<number, (f: FunctionBuilder, to: I32, from: I32) => void>> = {
  1: (f, to, from) => f.do(i32.store8(to, i32.load8_u(from))),
  4: (f, to, from) => f.do(f32.store(to, f32.load(from))),
  8: (f, to, from) => f.do(f64.store(to, f64.load(from))),
};

/** Below so many bytes a run is moved element by element: calling for a copy costs more. */
const BLOCK_BYTES = 64;

const codes = new Map<string, KernelCode>();

/** Writes packed elements to other strides, a run of the innermost axis after the other. A unit is one run. */
function placeCode(dtype: DType, rank: number): KernelCode {
  const name = `place ${bytesOf(dtype)} ${rank}`;
  let code = codes.get(name);
  if (code === undefined) {
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    const bytes = bytesOf(dtype);
    code = {
      name,
      fields: [
        'from',
        'to',
        'count',
        'step',
        ...axes.map((axis) => `size${axis}`),
        ...axes.map((axis) => `stride${axis}`),
      ],
      build(f, args, begin, end) {
        const run = f.let(i32.mul(args.count, bytes));
        const step = f.let(args.step);
        const from = f.let(i32.add(args.from, i32.mul(begin, run)));
        f.range(begin, end, 1, (row) => {
          const to = f.let(args.to);
          eachIndex(
            f,
            row,
            axes.map((axis) => args[`size${axis}`]),
            (axis, index) => f.set(to, i32.add(to, i32.mul(index, args[`stride${axis}`]))),
          );
          f.if(
            i32.and(i32.eq(step, bytes), i32.ge_u(run, BLOCK_BYTES)),
            () => {
              f.do(memory.copy(to, from, run));
              f.set(from, i32.add(from, run));
            },
            () =>
              f.repeat(f.let(args.count), () => {
                MOVE[bytes](f, to, from);
                f.set(from, i32.add(from, bytes));
                f.set(to, i32.add(to, step));
              }),
          );
        });
      },
    };
    codes.set(name, code);
  }
  return code;
}

/** Packed elements to `at + Σ indexᵢ · stridesᵢ`, strides in elements. */
function placeStage(x: Placed, at: number, strides: readonly number[]): Stage {
  const bytes = bytesOf(x.dtype);
  const {
    shape,
    strides: [steps],
  } = collapse(x.shape, strides);
  const count = shape.pop() ?? 1;
  const step = steps.pop() ?? 1;
  const args: Record<string, number> = { from: x.at, to: at, count, step: step * bytes };
  shape.forEach((size, axis) => (args[`size${axis}`] = size));
  steps.forEach((stride, axis) => (args[`stride${axis}`] = stride * bytes));
  return stage(placeCode(x.dtype, shape.length), args, sizeOf(x.shape) === 0 ? 0 : sizeOf(shape), 10 + 0.4 * count);
}

const concatKernel: WasmKernel<{ readonly axis: number }> = {
  op: Concat,
  accepts: () => true,
  stages({ axis }, { inputs, outputs: [out] }) {
    const strides = contiguousStrides(out.shape);
    let at = out.at;
    return inputs.map((x) => {
      const placed = placeStage(x, at, strides);
      at += x.shape[axis] * strides[axis] * bytesOf(x.dtype);
      return placed;
    });
  },
};

const splitKernel: WasmKernel<{ readonly axis: number }> = {
  op: Split,
  strided: true,
  accepts: () => true,
  stages({ axis }, { inputs: [x], outputs }) {
    let at = x.at;
    return outputs.map((out) => {
      const copied = copyStage({ ...x, at, shape: out.shape }, out.at);
      at += out.shape[axis] * x.strides[axis] * bytesOf(x.dtype);
      return copied;
    });
  },
};

const embedKernel: WasmKernel<{ readonly starts: readonly number[]; readonly steps: readonly number[] }> = {
  op: Embed,
  accepts: () => true,
  stages({ starts, steps }, { inputs: [x], outputs: [out] }) {
    const strides = contiguousStrides(out.shape);
    const offset = starts.reduce((sum, start, axis) => sum + start * strides[axis], 0);
    return [
      zeros(out),
      placeStage(
        x,
        out.at + offset * bytesOf(x.dtype),
        strides.map((stride, axis) => stride * steps[axis]),
      ),
    ];
  },
};

/** Where the new shape is no view: a copy in row-major order. */
const reshapeKernel: WasmKernel = {
  op: Reshape,
  strided: true,
  accepts: () => true,
  stages: (_attrs, { inputs: [x], outputs: [out] }) => [copyStage(x, out.at)],
};

/** Elements moved and not changed. */
export const placeKernels: readonly WasmKernel[] = [concatKernel, splitKernel, embedKernel, reshapeKernel];
