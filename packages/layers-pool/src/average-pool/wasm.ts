import { type KernelCode, type Stage, stage, type WasmKernel } from '@lemmata/backend-wasm';
import {
  f32,
  f64,
  type F64,
  f64x2,
  type FunctionBuilder,
  i32,
  type I32,
  memory,
  v128,
} from '@lemmata/backend-wasm/assembler';
import { castLanes } from '@lemmata/backend-wasm/elementwise/cast';
import { type Shape, sizeOf } from '@lemmata/shape';
import {
  eachWindow,
  type Fours,
  loadWindows,
  spacing,
  type Spacing,
  spacingKey,
  type Window,
  windowArgs,
  windowFields,
} from '../wasm/windows.js';
import { AveragePool, type AveragePoolAttrs, AveragePoolGradient } from './op.js';

/** What windows are divided by: the elements that they have, those with the padding, or a number. */
type Divisor = 'elements' | 'padded' | 'given';

function divisorOf({ countIncludePad, divisor }: AveragePoolAttrs): Divisor {
  if (divisor !== null) return 'given';
  return countIncludePad ? 'padded' : 'elements';
}

/** A unit is one plane; `back` is the gradient, which goes from windows to elements. */
function averageCode(name: string, divisor: Divisor, back: boolean, spacing: Spacing): KernelCode {
  const rank = spacing.kernel.length;
  return {
    name,
    fields: [
      'x',
      'y',
      'planeBytes',
      'outputBytes',
      'divisorHigh',
      'divisorLow',
      ...spacing.kernel.map((_, axis) => `end${axis}`),
      ...windowFields(rank),
    ],
    build(f, args, begin, end) {
      const [x, y] = [f.local('i32'), f.local('i32')];
      const strideBytes = f.let(i32.shl(args[`stride${rank - 1}`], 2));
      const four = (windows: Window): void => {
        const divide = f.let(f64x2.splat(divisorValue(f, args, divisor, windows)));
        const sums = [f.let(f64x2.splat(0)), f.let(f64x2.splat(0))] as const;
        windows.each((element) => {
          const value = loadWindows(spacing, f.let(i32.add(x, i32.shl(element, 2))), strideBytes);
          castLanes(f, 'float32', 'float64', [f.let(value)]).forEach((half, i) =>
            f.set(sums[i], f64x2.add(sums[i], half)),
          );
        });
        const means = sums.map((sum) => f64x2.div(sum, divide));
        f.do(v128.store(y, castLanes(f, 'float64', 'float32', means)[0]));
        f.set(y, i32.add(y, 16));
      };
      f.range(begin, end, 1, (plane) => {
        f.set(x, i32.add(args.x, i32.mul(plane, args.planeBytes)));
        f.set(y, i32.add(args.y, i32.mul(plane, args.outputBytes)));
        if (back) f.do(memory.fill(x, 0, args.planeBytes));
        const one = (window: Window): void => {
          const divide = f.let(divisorValue(f, args, divisor, window));
          if (back) {
            const share = f.let(f32.demote_f64(f64.div(f64.promote_f32(f32.load(y)), divide)));
            window.each((element) => {
              const at = f.let(i32.add(x, i32.shl(element, 2)));
              f.do(f32.store(at, f32.add(f32.load(at), share)));
            });
          } else {
            const sum = f.local('f64');
            f.set(sum, 0);
            window.each((element) =>
              f.set(sum, f64.add(sum, f64.promote_f32(f32.load(i32.add(x, i32.shl(element, 2)))))),
            );
            f.do(f32.store(y, f32.demote_f64(f64.div(sum, divide))));
          }
          f.set(y, i32.add(y, 4));
        };
        const fours: Fours = { visit: four, back: (windows) => f.set(y, i32.sub(y, i32.shl(windows, 2))) };
        eachWindow(f, args, spacing, one, back ? undefined : fours);
      });
    },
  };
}

function divisorValue(
  f: FunctionBuilder,
  args: Readonly<Record<string, I32>>,
  divisor: Divisor,
  { parts }: Window,
): F64 {
  if (divisor === 'given') {
    const part = (bits: I32): F64 => f64.promote_f32(f32.reinterpret_i32(bits));
    return f64.add(part(args.divisorHigh), part(args.divisorLow));
  }
  const counts = parts.map(({ count, start }, axis): I32 => {
    if (divisor === 'elements') return count;
    // What overhangs the padding does not count.
    return f.let(i32.min_u(args[`kernel${axis}`], f.let(i32.sub(args[`end${axis}`], start))));
  });
  return f64.convert_i32_s(counts.reduce((a, b) => i32.mul(a, b)));
}

const codes = new Map<string, KernelCode>();

function averageStage(attrs: AveragePoolAttrs, x: number, size: Shape, y: number, shape: Shape, back: boolean): Stage {
  const output = shape.slice(2);
  const divisor = divisorOf(attrs);
  const lying = spacing(attrs, size, output);
  const name = `averagePool${back ? '.gradient' : ''} ${divisor} ${spacingKey(lying)}`;
  let code = codes.get(name);
  if (code === undefined) codes.set(name, (code = averageCode(name, divisor, back, lying)));
  const bits = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0];
  const given = attrs.divisor ?? 1;
  const args = {
    x,
    y,
    planeBytes: 4 * sizeOf(size),
    outputBytes: 4 * sizeOf(output),
    divisorHigh: bits(given),
    divisorLow: bits(given - Math.fround(given)),
    ...windowArgs(attrs, size, output),
    ...Object.fromEntries(size.map((n, axis) => [`end${axis}`, attrs.padding[axis][0] + n + attrs.padding[axis][1]])),
  };
  return stage(code, args, shape[0] * shape[1], sizeOf(output) * (6 + 2 * sizeOf(attrs.kernel)));
}

/**
 * Average pooling in float32: sums are taken in float64 and rounded once. Its gradient adds shares up in float32, within
 * k · 2⁻²⁴ · Σ |y| of the exact sum of k of them.
 */
export const averagePoolKernels: readonly WasmKernel<any>[] = [
  {
    op: AveragePool,
    accepts: (_attrs: AveragePoolAttrs, [x]) => x.dtype === 'float32',
    stages: (attrs: AveragePoolAttrs, { inputs: [x], outputs: [y] }) => [
      averageStage(attrs, x.at, x.shape.slice(2), y.at, y.shape, false),
    ],
  },
  {
    op: AveragePoolGradient,
    accepts: (_attrs: AveragePoolAttrs, [y]) => y.dtype === 'float32',
    stages: (attrs: AveragePoolAttrs, { inputs: [y], outputs: [x] }) => [
      averageStage(attrs, x.at, x.shape.slice(2), y.at, y.shape, true),
    ],
  },
];
