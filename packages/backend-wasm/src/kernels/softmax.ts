import { sizeOf } from '@lemmata/shape';
import { LogSoftmax, Softmax, type OpDef } from '@lemmata/tensor';
import {
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  v128,
  type F64,
  type FunctionBuilder,
  type I32,
  type Local,
  type V128,
} from '../assembler/index.js';
import { stage, type KernelCode, type Target } from '../code.js';
import { castLanes } from '../elementwise/cast.js';
import { loadFour, loadOne, named, storeFour, storeOne, type Lanes } from '../elementwise/lanes.js';
import { expOfNegative, roughExp } from '../elementwise/math.js';
import type { WasmKernel } from '../kernel.js';

type Field = 'in' | 'out' | 'count' | 'step';

/** Elements, four neighbours or one in all lanes: how they are read and written. */
interface Access {
  load(at: I32, offset?: number): V128;
  store(at: I32, x: V128, offset?: number): void;
}

function accesses(f: FunctionBuilder): { readonly four: Access; readonly one: Access } {
  return {
    four: {
      load: (at, offset) => loadFour('float32', at, offset)[0],
      store: (at, x, offset) => f.do(...storeFour('float32', at, [x], offset)),
    },
    one: { load: (at) => loadOne('float32', at)[0], store: (at, x) => f.do(storeOne('float32', at, [x])) },
  };
}

const widened = (f: FunctionBuilder, x: V128): readonly Local<'v128'>[] =>
  named(f, castLanes(f, 'float32', 'float64', [f.let(x)]));
const narrowed = (f: FunctionBuilder, x: Lanes): V128 => castLanes(f, 'float64', 'float32', x)[0];

/** Vectors of four that one turn of a loop over a row works on. */
const UNROLLED = 8;

/** Lanes whose elements lie side by side: the range counts rows of `count`. */
function rowCode(log: boolean): KernelCode<Field> {
  return {
    name: `${log ? 'logSoftmax' : 'softmax'} row`,
    fields: ['in', 'out', 'count', 'step'],
    calls: ['log'],
    build(f, args, begin, end, target) {
      const count = f.let(args.count);
      const bytes = f.let(i32.mul(count, 4));
      const { four, one } = accesses(f);
      /** `body` works on the elements at p and q, and on those behind them as far as there are `vectors`. */
      const eachOfRow = (x: I32, y: I32, body: (p: I32, q: I32, access: Access, vectors: number) => void): void => {
        const [p, q] = [f.let(x), f.let(y)];
        const turns = (times: I32, elements: number, access: Access): void =>
          f.repeat(f.let(times), () => {
            body(p, q, access, Math.ceil(elements / 4));
            f.set(p, i32.add(p, 4 * elements));
            f.set(q, i32.add(q, 4 * elements));
          });
        turns(i32.div_u(count, 4 * UNROLLED), 4 * UNROLLED, four);
        turns(i32.shr_u(i32.rem_u(count, 4 * UNROLLED), 2), 4, four);
        turns(i32.and(count, 3), 1, one);
      };
      const vectorsOf = <T>(vectors: number, make: (offset: number, vector: number) => T): T[] =>
        Array.from({ length: vectors }, (_, vector) => make(16 * vector, vector));
      f.range(begin, end, 1, (row) => {
        const at = f.let(i32.mul(row, bytes));
        const x = f.let(i32.add(args.in, at));
        const y = f.let(i32.add(args.out, at));

        // It passes NaN over, which then shows in the sum.
        const maxima = vectorsOf(UNROLLED, () => f.let(f32x4.splat(-Infinity)));
        eachOfRow(x, y, (p, _q, { load }, vectors) =>
          vectorsOf(vectors, (offset, v) => f.set(maxima[v], f32x4.pmax(maxima[v], load(p, offset)))),
        );
        const max = f.let(maxima.reduce<V128>((a, b) => f32x4.pmax(a, b), f32x4.splat(-Infinity)));
        for (const order of [
          [2, 3, 0, 1],
          [1, 0, 3, 2],
        ] as const)
          f.set(max, f32x4.pmax(max, v128.shuffle32(max, max, order)));

        const sums = [f.let(f64x2.splat(0)), f.let(f64x2.splat(0))];
        const rest = f.local('f64');
        f.set(rest, 0);
        eachOfRow(x, y, (p, q, access, vectors) => {
          const terms = vectorsOf(vectors, (offset) => {
            const e = f.let(
              (log ? expOfNegative : roughExp)({ f, target }, f.let(f32x4.sub(access.load(p, offset), max))),
            );
            if (!log) access.store(q, e, offset);
            return e as V128;
          });
          const wide = widened(f, pairwise(terms));
          if (access === one) f.set(rest, f64.add(rest, f64x2.extract_lane(wide[0], 0)));
          else sums.forEach((sum, half) => f.set(sum, f64x2.add(sum, wide[half])));
        });
        const pair = f.let(f64x2.add(sums[0], sums[1]));
        const total = f.let(f64.add(f64.add(f64x2.extract_lane(pair, 0), f64x2.extract_lane(pair, 1)), rest));

        if (log) {
          const ln = f.valueOf('f64', target.scalarFunction('log'), total);
          const shift = f.let(f64x2.splat(f64.add(ln, f64.promote_f32(f32x4.extract_lane(max, 0)))));
          eachOfRow(x, y, (p, q, { load, store }, vectors) =>
            vectorsOf(vectors, (offset) => store(q, shifted(f, load(p, offset), [shift, shift]), offset)),
          );
          return;
        }
        const scale = f.let(f32x4.splat(f32.demote_f64(f64.div(1, total))));
        eachOfRow(x, y, (_p, q, { load, store }, vectors) =>
          vectorsOf(vectors, (offset) => store(q, f32x4.mul(load(q, offset), scale), offset)),
        );
      });
    },
  };
}

function pairwise(terms: readonly V128[]): V128 {
  if (terms.length === 1) return terms[0];
  const half = terms.length / 2;
  return f32x4.add(pairwise(terms.slice(0, half)), pairwise(terms.slice(half)));
}

/** x − shift, in float64 and rounded once: near 0, where a class is almost certain, digits matter. */
function shifted(f: FunctionBuilder, x: V128, shift: readonly V128[]): V128 {
  return narrowed(
    f,
    widened(f, x).map((half, i) => f64x2.sub(half, shift[i])),
  );
}

/**
 * Lanes that lie side by side, whose elements are `step` bytes apart: four lanes at a time. The range counts lanes; lane l
 * starts at element (l / inner) · count · inner + l % inner.
 */
function columnsCode(log: boolean): KernelCode<Field> {
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
  const shift = total.map((half, i) =>
    f.let(f64x2.add(f64x2.replace_lane(f64x2.splat(ln(half, 0)), 1, ln(half, 1)), maxima[i])),
  );
  each((p, q) => store(q, shifted(f, load(p), shift)));
}

const CODES = {
  softmax: { row: rowCode(false), columns: columnsCode(false) },
  logSoftmax: { row: rowCode(true), columns: columnsCode(true) },
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
