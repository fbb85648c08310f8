import { type KernelCode, stage, type WasmKernel } from '@lemmata/backend-wasm';
import { f32, f32x4, i32, type I32, i32x4, type Local, memory, v128, type V128 } from '@lemmata/backend-wasm/assembler';
import { poolGeometry, type Shape, sizeOf } from '@lemmata/shape';
import {
  eachWindow,
  loadWindows,
  noneEmpty,
  offsets,
  spacing,
  type Spacing,
  spacingKey,
  type Window,
  windowArgs,
  windowFields,
} from '../wasm/windows.js';
import { MaxPool, type MaxPoolAttrs, outsidePlane, Pick, Unpool } from './op.js';

/** The largest elements of four windows, and where they are. */
interface Found {
  readonly value: V128;
  readonly index: V128;
}

function bestOf(found: readonly Found[], better: (a: Found, b: Found) => Found): Found {
  if (found.length === 1) return found[0];
  const half = found.length >> 1;
  return better(bestOf(found.slice(0, half), better), bestOf(found.slice(half), better));
}

/** A unit is one plane. */
function maxPoolCode(name: string, spacing: Spacing): KernelCode {
  const rank = spacing.kernel.length;
  return {
    name,
    fields: ['x', 'y', 'indices', 'planeBytes', 'outputBytes', ...windowFields(rank)],
    build(f, args, begin, end, target) {
      const [x, y, indices] = [f.local('i32'), f.local('i32'), f.local('i32')];
      const stride = f.let(args[`stride${rank - 1}`]);
      const strideBytes = f.let(i32.shl(stride, 2));
      // How far the four windows are from the first, in elements.
      const apart = f.let(i32x4.splat(0));
      for (let lane = 1; lane < 4; lane++) f.set(apart, i32x4.replace_lane(apart, lane, i32.mul(stride, lane)));
      const move = (bytes: I32 | number): void => {
        f.set(y, i32.add(y, bytes));
        f.set(indices, i32.add(indices, bytes));
      };
      const back = (windows: I32): void => move(i32.mul(windows, -4));
      // The first of equals stays; NaN replaces everything, and nothing but NaN replaces it.
      const one = (window: Window): void => {
        const index = f.let(window.first);
        const largest = f.let(f32.load(i32.add(x, i32.shl(index, 2))));
        window.each((element) => {
          const value = f.let(f32.load(i32.add(x, i32.shl(element, 2))));
          f.if(i32.or(f32.gt(value, largest), f32.ne(value, value)), () => {
            f.set(largest, value);
            f.set(index, element);
          });
        });
        f.do(f32.store(y, largest), i32.store(indices, index));
        move(4);
      };
      const better = (a: Found, b: Found): Found => {
        const taken = f.let(v128.or(f32x4.gt(b.value, a.value), f32x4.ne(b.value, b.value)));
        const either = (x: V128, y: V128): Local<'v128'> => f.let(v128.bitselect(y, x, taken));
        return { value: either(a.value, b.value), index: either(a.index, b.index) };
      };
      const load = (element: I32): Local<'v128'> =>
        f.let(loadWindows(spacing, f.let(i32.add(x, i32.shl(element, 2))), strideBytes));
      const store = ({ value, index }: Found): void => {
        f.do(v128.store(y, value), v128.store(indices, index));
        move(16);
      };
      const four = (windows: Window): void => {
        const best = {
          value: f.let(f32x4.splat(-Infinity)),
          index: f.let(i32x4.add(i32x4.splat(windows.first), apart)),
        };
        windows.each((element) => {
          const { value, index } = better(best, {
            value: load(element),
            index: i32x4.add(i32x4.splat(element), apart),
          });
          f.set(best.value, value);
          f.set(best.index, index);
        });
        store(best);
      };
      // Where all elements are written out they are compared in pairs, and what is found there again, which takes fewer
      // turns. Where they lie is kept in memory: V8 would compute it anew for every four.
      const writtenOut = !spacing.kernel.includes(0);
      if (writtenOut)
        offsets(args, spacing.kernel).forEach((offset, i) =>
          f.do(v128.store(target.scratch, i32x4.add(i32x4.splat(offset), apart), 16 * i)),
        );
      const inPairs = (windows: Window): void => {
        const found: Found[] = [];
        windows.each((element) =>
          found.push({ value: load(element), index: f.let(v128.load(target.scratch, 16 * found.length)) }),
        );
        const { value, index } = bestOf(found, better);
        store({ value, index: i32x4.add(index, i32x4.splat(windows.first)) });
      };
      f.range(begin, end, 1, (plane) => {
        f.set(x, i32.add(args.x, i32.mul(plane, args.planeBytes)));
        f.set(y, i32.add(args.y, i32.mul(plane, args.outputBytes)));
        f.set(indices, i32.add(args.indices, i32.mul(plane, args.outputBytes)));
        const visit = (windows: Window, complete: boolean): void => (writtenOut && complete ? inPairs : four)(windows);
        eachWindow(f, args, spacing, one, { visit, back });
      });
    },
  };
}

const codes = new Map<string, KernelCode>();

const maxPoolKernel: WasmKernel<MaxPoolAttrs> = {
  op: MaxPool,
  accepts(attrs, [x]) {
    if (x.dtype !== 'float32') return false;
    const { kernel, stride, dilation, padding, ceil } = attrs;
    const { outputShape } = poolGeometry('maxPool', { input: x.shape, kernel, stride, dilation, padding, ceil });
    return noneEmpty(attrs, x.shape.slice(2), outputShape.slice(2));
  },
  stages(attrs, { inputs: [x], outputs: [y, indices] }) {
    const [size, output] = [x.shape.slice(2), y.shape.slice(2)];
    const args = {
      x: x.at,
      y: y.at,
      indices: indices.at,
      planeBytes: 4 * sizeOf(size),
      outputBytes: 4 * sizeOf(output),
      ...windowArgs(attrs, size, output),
    };
    const lying = spacing(attrs, size, output);
    const name = `maxPool ${spacingKey(lying)}`;
    let code = codes.get(name);
    if (code === undefined) codes.set(name, (code = maxPoolCode(name, lying)));
    return [stage(code, args, planesOf(x.shape), sizeOf(output) * (1 + 0.5 * sizeOf(attrs.kernel)))];
  },
};

type PlaceField = 'values' | 'indices' | 'out' | 'plane' | 'count';

/** Goes through the indices of planes, of which each adds to its plane or is read from it. A unit is one plane. */
function placeCode(into: boolean): KernelCode<PlaceField> {
  return {
    name: into ? 'unpool' : 'pick',
    fields: ['values', 'indices', 'out', 'plane', 'count'],
    build(f, args, begin, end, target) {
      const planeBytes = f.let(i32.shl(args.plane, 2));
      const countBytes = f.let(i32.shl(args.count, 2));
      // The planes that the indices point into, and what is read or written in the order of the indices.
      const planes = f.let(i32.add(into ? args.out : args.values, i32.mul(begin, planeBytes)));
      const list = f.let(i32.add(into ? args.values : args.out, i32.mul(begin, countBytes)));
      const indices = f.let(i32.add(args.indices, i32.mul(begin, countBytes)));
      const plane = f.let(args.plane);
      f.range(begin, end, 1, () => {
        if (into) f.do(memory.fill(planes, 0, planeBytes));
        f.repeat(f.let(args.count), () => {
          const index = f.let(i32.load(indices));
          f.if(
            i32.lt_u(index, plane),
            () => {
              const at = f.let(i32.add(planes, i32.shl(index, 2)));
              f.do(into ? f32.store(at, f32.add(f32.load(at), f32.load(list))) : f32.store(list, f32.load(at)));
            },
            () => target.refuse(f, index),
          );
          f.set(list, i32.add(list, 4));
          f.set(indices, i32.add(indices, 4));
        });
        f.set(planes, i32.add(planes, planeBytes));
      });
    },
  };
}

const unpoolCode = placeCode(true);
const pickCode = placeCode(false);

const unpoolKernel: WasmKernel<{ readonly size: Shape }> = {
  op: Unpool,
  accepts: (_attrs, [y]) => y.dtype === 'float32',
  stages({ size }, { inputs: [y, indices], outputs: [x] }) {
    const [plane, count] = [sizeOf(size), sizeOf(y.shape.slice(2))];
    const args = { values: y.at, indices: indices.at, out: x.at, plane, count };
    return [stage(unpoolCode, args, planesOf(y.shape), 0.1 * plane + 2 * count, refusal('unpool', plane))];
  },
};

const pickKernel: WasmKernel = {
  op: Pick,
  accepts: (_attrs, [x]) => x.dtype === 'float32',
  stages(_attrs, { inputs: [x, indices], outputs: [y] }) {
    const [plane, count] = [sizeOf(x.shape.slice(2)), sizeOf(y.shape.slice(2))];
    const args = { values: x.at, indices: indices.at, out: y.at, plane, count };
    return [stage(pickCode, args, planesOf(x.shape), 2 * count, refusal('pick', plane))];
  },
};

function refusal(op: string, plane: number): (index: number) => Error {
  return (index) => outsidePlane(op, index, plane);
}

function planesOf(shape: Shape): number {
  return shape[0] * shape[1];
}

/**
 * Max pooling in float32 with its indices, exact, and its gradient, exact where windows do not overlap: sums of k terms
 * are taken in float32, within k · 2⁻²⁴ · Σ |y| of the exact ones.
 */
export const maxPoolKernels: readonly WasmKernel[] = [maxPoolKernel, unpoolKernel, pickKernel];
