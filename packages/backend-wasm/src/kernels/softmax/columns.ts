import {
  f32x4,
  f64x2,
  i32,
  type F64,
  type FunctionBuilder,
  type I32,
  type Local,
  type V128,
} from '../../assembler/index.js';
import type { KernelCode, Target } from '../../code.js';
import { expOfNegative } from '../../elementwise/math.js';
import { accesses, narrowed, shifted, widened, type Access, type Field } from './access.js';

/**
 * Lanes that lie side by side, whose elements are `step` bytes apart: four lanes at a time. The range counts lanes; lane l
 * starts at element (l / inner) · count · inner + l % inner.
 */
export function columnsCode(log: boolean): KernelCode<Field> {
  return {
    name: `${log ? 'logSoftmax' : 'softmax'} columns`,
    fields: ['in', 'out', 'count', 'step'],
    calls: ['log'],
    build(f, args, begin, end, target) {
      const count = f.let(args.count);
      const step = f.let(args.step);
      const inner = f.let(i32.shr_u(step, 2));
      const { four, one } = accesses(f);
      const at = f.let(begin);
      f.while(i32.lt_s(at, end), () => {
        const group = f.let(i32.div_u(at, inner));
        const column = f.let(i32.sub(at, i32.mul(group, inner)));
        const lanes = f.let(i32.min_u(i32.sub(inner, column), i32.sub(end, at)));
        const start = f.let(i32.add(i32.mul(group, i32.mul(count, step)), i32.shl(column, 2)));
        const x = f.let(i32.add(args.in, start));
        const y = f.let(i32.add(args.out, start));
        f.set(at, i32.add(at, lanes));
        for (const [access, times, width] of [
          [four, i32.shr_u(lanes, 2), 4],
          [one, i32.and(lanes, 3), 1],
        ] as const) {
          f.repeat(f.let(times), () => {
            columnsOf(f, target, log, count, step, access, x, y);
            f.set(x, i32.add(x, 4 * width));
            f.set(y, i32.add(y, 4 * width));
          });
        }
      });
    },
  };
}

function columnsOf(
  f: FunctionBuilder,
  target: Target,
  log: boolean,
  count: Local<'i32'>,
  step: Local<'i32'>,
  { load, store }: Access,
  x: Local<'i32'>,
  y: Local<'i32'>,
): void {
  const each = (body: (p: I32, q: I32) => void): void => {
    const [p, q] = [f.let(x), f.let(y)];
    f.repeat(f.let(count), () => {
      body(p, q);
      f.set(p, i32.add(p, step));
      f.set(q, i32.add(q, step));
    });
  };
  const max = f.let(f32x4.splat(-Infinity));
  each((p) => f.set(max, f32x4.pmax(max, load(p))));
  const total = [f.let(f64x2.splat(0)), f.let(f64x2.splat(0))];
  each((p, q) => {
    const e = f.let(expOfNegative({ f, target }, f.let(f32x4.sub(load(p), max))));
    if (!log) store(q, e);
    widened(f, e).forEach((part, half) => f.set(total[half], f64x2.add(total[half], part)));
  });
  if (!log) {
    const divisor = f.let(narrowed(f, total));
    each((_p, q) => store(q, f32x4.div(load(q), divisor)));
    return;
  }
  const callee = target.scalarFunction('log');
  const ln = (half: V128, lane: number): F64 => f.valueOf('f64', callee, f64x2.extract_lane(half, lane));
  const maxima = widened(f, max);
  const shift = total.map((half) => f.let(f64x2.replace_lane(f64x2.splat(ln(half, 0)), 1, ln(half, 1))));
  each((p, q) => store(q, shifted(f, load(p), maxima, shift)));
}
