import { sizeOf } from '@lemmata/shape';
import { LogSoftmax, Softmax, type OpDef } from '@lemmata/tensor';
import { f32x4, f64x2, i32, v128, type FunctionBuilder, type I32, type Local, type V128 } from '../assembler/index.js';
import { stage, type KernelCode, type Target } from '../code.js';
import { castLanes } from '../elementwise/cast.js';
import { loadFour, loadOne, named, storeFour, storeOne, type Lanes } from '../elementwise/lanes.js';
import { exp } from '../elementwise/math.js';
import type { WasmKernel } from '../kernel.js';

type Field = 'in' | 'out' | 'count' | 'step';

/** How many neighbouring lanes are worked on at once: one whose elements lie side by side, four that lie side by side, or one of those. */
type Shape = 'row' | 'columns' | 'column';

/** A loop over the elements of a lane; `body` handles four or one of them at the addresses x and y. */
type Loop = (
  body: (x: I32, y: I32, load: (at: I32) => Lanes, store: (at: I32, lanes: Lanes) => void, whole: boolean) => void,
) => void;

/**
 * softmax or its logarithm along an axis of a packed tensor. The range counts lanes; where these lie side by side
 * (`step` > 4 bytes), lane l starts at element (l / inner) · count · inner + l % inner.
 */
function softmaxCode(log: boolean, along: 'row' | 'columns'): KernelCode<Field> {
  return {
    name: `${log ? 'logSoftmax' : 'softmax'} ${along}`,
    fields: ['in', 'out', 'count', 'step'],
    calls: ['log'],
    build(f, args, begin, end, target) {
      const count = f.let(args.count);
      const step = f.let(args.step);
      const lane = new Lane(f, target, log, count, step);
      if (along === 'row') {
        const bytes = f.let(i32.mul(count, 4));
        f.range(begin, end, 1, (row) => {
          const at = f.let(i32.mul(row, bytes));
          lane.build('row', f.let(i32.add(args.in, at)), f.let(i32.add(args.out, at)));
        });
        return;
      }
      const inner = f.let(i32.shr_u(step, 2));
      const at = f.let(begin);
      f.while(i32.lt_s(at, end), () => {
        const group = f.let(i32.div_u(at, inner));
        const column = f.let(i32.sub(at, i32.mul(group, inner)));
        const lanes = f.let(i32.min_u(i32.sub(inner, column), i32.sub(end, at)));
        const start = f.let(i32.add(i32.mul(group, i32.mul(count, step)), i32.shl(column, 2)));
        const x = f.let(i32.add(args.in, start));
        const y = f.let(i32.add(args.out, start));
        f.set(at, i32.add(at, lanes));
        for (const [shape, times, width] of [
          ['columns', i32.shr_u(lanes, 2), 4],
          ['column', i32.and(lanes, 3), 1],
        ] as const) {
          f.repeat(f.let(times), () => {
            lane.build(shape, x, y);
            f.set(x, i32.add(x, 4 * width));
            f.set(y, i32.add(y, 4 * width));
          });
        }
      });
    },
  };
}

class Lane {
  private readonly f: FunctionBuilder;
  private readonly target: Target;
  private readonly log: boolean;
  private readonly count: Local<'i32'>;
  private readonly step: Local<'i32'>;

  constructor(f: FunctionBuilder, target: Target, log: boolean, count: Local<'i32'>, step: Local<'i32'>) {
    this.f = f;
    this.target = target;
    this.log = log;
    this.count = count;
    this.step = step;
  }

  build(shape: Shape, x: Local<'i32'>, y: Local<'i32'>): void {
    const { f } = this;
    const each = this.loop(shape, x, y);
    const max = f.let(f32x4.splat(-Infinity));
    const maxOfRest = f.let(max);
    each((at, _y, load, _store, whole) => {
      const target = whole ? max : maxOfRest;
      // It passes NaN over, which then shows in the sum.
      f.set(target, f32x4.pmax(target, load(at)[0]));
    });
    if (shape === 'row') {
      for (const order of [
        [2, 3, 0, 1],
        [1, 0, 3, 2],
      ] as const)
        f.set(max, f32x4.pmax(max, v128.shuffle32(max, max, order)));
      f.set(max, f32x4.pmax(max, maxOfRest));
    }
    const total = [f.let(f64x2.splat(0)), f.let(f64x2.splat(0))];
    const rest = [f.let(f64x2.splat(0)), f.let(f64x2.splat(0))];
    each((at, out, load, store, whole) => {
      const e = f.let(exp({ f, target: this.target }, f.let(f32x4.sub(load(at)[0], max))));
      if (!this.log) store(out, [e]);
      const sums = whole ? total : rest;
      castLanes(f, 'float32', 'float64', [e]).forEach((part, half) => f.set(sums[half], f64x2.add(sums[half], part)));
    });
    if (shape === 'row') {
      const pair = f.let(f64x2.add(total[0], total[1]));
      const sum = f.let(f64x2.add(f64x2.add(pair, v128.shuffle32(pair, pair, [2, 3, 0, 1])), rest[0]));
      total.forEach((half) => f.set(half, sum));
    }
    if (this.log) this.shift(each, max, total);
    else this.scale(each, total);
  }

  private scale(each: Loop, total: readonly V128[]): void {
    const { f } = this;
    const divisor = f.let(castLanes(f, 'float64', 'float32', total)[0]);
    each((_x, out, load, store) => store(out, [f32x4.div(load(out)[0], divisor)]));
  }

  /** x − max − ln Σ, in float64 and rounded once: near 0, where a class is almost certain, digits matter. */
  private shift(each: Loop, max: V128, total: readonly Local<'v128'>[]): void {
    const { f } = this;
    const log = this.target.scalarFunction('log');
    const ln = (half: V128, lane: number): ReturnType<typeof f.valueOf<'f64'>> =>
      f.valueOf('f64', log, f64x2.extract_lane(half, lane));
    const maxima = named(f, castLanes(f, 'float32', 'float64', [max]));
    const shifts = total.map((half, i) =>
      f.let(f64x2.add(f64x2.replace_lane(f64x2.splat(ln(half, 0)), 1, ln(half, 1)), maxima[i])),
    );
    each((at, out, load, store) => {
      const wide = named(f, castLanes(f, 'float32', 'float64', load(at)));
      store(
        out,
        castLanes(
          f,
          'float64',
          'float32',
          wide.map((half, i) => f64x2.sub(half, shifts[i])),
        ),
      );
    });
  }

  private loop(shape: Shape, x: Local<'i32'>, y: Local<'i32'>): Loop {
    const { f } = this;
    const four = {
      load: (at: I32): Lanes => loadFour('float32', at),
      store: (at: I32, lanes: Lanes): void => f.do(...storeFour('float32', at, lanes)),
    };
    const one = {
      load: (at: I32): Lanes => loadOne('float32', at),
      store: (at: I32, lanes: Lanes): void => f.do(storeOne('float32', at, lanes)),
    };
    return (body) => {
      const p = f.let(x);
      const q = f.let(y);
      const turns = (times: I32, bytes: I32 | number, { load, store }: typeof four, whole: boolean): void => {
        f.repeat(f.let(times), () => {
          body(p, q, load, store, whole);
          f.set(p, i32.add(p, bytes));
          f.set(q, i32.add(q, bytes));
        });
      };
      if (shape === 'row') {
        turns(i32.shr_u(this.count, 2), 16, four, true);
        turns(i32.and(this.count, 3), 4, one, false);
      } else turns(this.count, this.step, shape === 'columns' ? four : one, true);
    };
  }
}

const CODES = {
  softmax: { row: softmaxCode(false, 'row'), columns: softmaxCode(false, 'columns') },
  logSoftmax: { row: softmaxCode(true, 'row'), columns: softmaxCode(true, 'columns') },
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
          4 * count,
        ),
      ];
    },
  };
}

/**
 * Sums of exponentials are taken in float64. softmax lies within 5 + |x − max| ulp of the exact value (x − max is rounded
 * before its exponential is taken), logSoftmax within 2⁻²² and 1 ulp.
 */
export const softmaxKernels: readonly WasmKernel[] = [
  kernel(Softmax, CODES.softmax),
  kernel(LogSoftmax, CODES.logSoftmax),
];
