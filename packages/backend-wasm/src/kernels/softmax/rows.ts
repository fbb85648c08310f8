import {
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  v128,
  type FunctionBuilder,
  type I32,
  type Local,
  type V128,
} from '../../assembler/index.js';
import type { KernelCode } from '../../code.js';
import { expOfNegative, roughExp } from '../../elementwise/math.js';
import { accesses, shifted, widened, type Access, type Field } from './access.js';

/** Vectors of four that one turn of a loop over a row works on. */
const UNROLLED = 8;

const vectorsOf = <T>(vectors: number, make: (offset: number, vector: number) => T): T[] =>
  Array.from({ length: vectors }, (_, vector) => make(16 * vector, vector));

/** Walks pointers along a row of `count` elements; `body` works on those there and behind them as far as there are `vectors`. */
function along(
  f: FunctionBuilder,
  count: Local<'i32'>,
  starts: readonly I32[],
  body: (pointers: readonly Local<'i32'>[], access: Access, vectors: number) => void,
): void {
  const { four, one } = accesses(f);
  const pointers = starts.map((start) => f.let(start));
  const turns = (times: I32, elements: number, access: Access): void =>
    f.repeat(f.let(times), () => {
      body(pointers, access, Math.ceil(elements / 4));
      for (const p of pointers) f.set(p, i32.add(p, 4 * elements));
    });
  turns(i32.div_u(count, 4 * UNROLLED), 4 * UNROLLED, four);
  turns(i32.shr_u(i32.rem_u(count, 4 * UNROLLED), 2), 4, four);
  turns(i32.and(count, 3), 1, one);
}

/** Of a running maximum, and of what is at p. It passes NaN over, or what stands beside one, which then shows in the sum. */
function maximum(f: FunctionBuilder, max: Local<'v128'>, p: I32, { load }: Access, vectors: number): void {
  f.set(
    max,
    f32x4.pmax(
      max,
      pairwise(
        f32x4.pmax,
        vectorsOf(vectors, (offset) => load(p, offset)),
      ),
    ),
  );
}

/** The largest of all lanes, in each. */
function largest(f: FunctionBuilder, lanes: V128): Local<'v128'> {
  const max = f.let(lanes);
  for (const order of [
    [2, 3, 0, 1],
    [1, 0, 3, 2],
  ] as const)
    f.set(max, f32x4.pmax(max, v128.shuffle32(max, max, order)));
  return max;
}

/** A sum over a row, in float64 but for that of the vectors of one turn. */
class Total {
  private readonly f: FunctionBuilder;
  private readonly halves: readonly Local<'v128'>[];
  private readonly rest: Local<'f64'>;

  constructor(f: FunctionBuilder) {
    this.f = f;
    this.halves = [f.let(f64x2.splat(0)), f.let(f64x2.splat(0))];
    this.rest = f.local('f64');
    f.set(this.rest, 0);
  }

  /** Terms of the lanes, or of the first one where elements are taken one by one. */
  add(terms: readonly V128[], single: boolean): void {
    const { f } = this;
    const wide = widened(f, pairwise(f32x4.add, terms));
    if (single) f.set(this.rest, f64.add(this.rest, f64x2.extract_lane(wide[0], 0)));
    else this.halves.forEach((sum, half) => f.set(sum, f64x2.add(sum, wide[half])));
  }

  value(): Local<'f64'> {
    const pair = this.f.let(f64x2.add(this.halves[0], this.halves[1]));
    return this.f.let(f64.add(f64.add(f64x2.extract_lane(pair, 0), f64x2.extract_lane(pair, 1)), this.rest));
  }
}

/**
 * Lanes whose elements lie side by side: the range counts rows of `count`. One loop takes the exponentials of a row, the maximum
 * of the next and the quotients of the one before, so that memory is waited for while there is something to compute.
 */
export const softmaxRows: KernelCode<Field> = {
  name: 'softmax row',
  fields: ['in', 'out', 'count', 'step'],
  build(f, args, begin, end, target) {
    const count = f.let(args.count);
    const bytes = f.let(i32.mul(count, 4));
    const x = f.let(i32.add(args.in, i32.mul(begin, bytes)));
    const y = f.let(i32.add(args.out, i32.mul(begin, bytes)));
    const next = f.let(f32x4.splat(-Infinity));
    along(f, count, [x], ([p], access, vectors) => maximum(f, next, p, access, vectors));
    const scale = f.let(f32x4.splat(0));
    // Before the first row there is none: what is in its own place is multiplied in vain.
    const before = f.let(y);
    const last = f.let(i32.sub(end, 1));
    f.range(begin, end, 1, (row) => {
      const max = largest(f, next);
      f.set(next, f32x4.splat(-Infinity));
      const sum = new Total(f);
      const after = f.let(i32.add(x, i32.mul(bytes, i32.lt_s(row, last))));
      along(f, count, [x, y, after, before], ([p, q, ahead, behind], access, vectors) => {
        vectorsOf(vectors, (offset) => access.store(behind, f32x4.mul(access.load(behind, offset), scale), offset));
        const terms = vectorsOf(vectors, (offset) => {
          const e = f.let(roughExp({ f, target }, f.let(f32x4.sub(access.load(p, offset), max))));
          access.store(q, e, offset);
          return e;
        });
        sum.add(terms, access.single);
        maximum(f, next, ahead, access, vectors);
      });
      f.set(scale, f32x4.splat(f32.demote_f64(f64.div(1, sum.value()))));
      f.set(before, y);
      f.set(x, i32.add(x, bytes));
      f.set(y, i32.add(y, bytes));
    });
    along(f, count, [before], ([q], { load, store }, vectors) =>
      vectorsOf(vectors, (offset) => store(q, f32x4.mul(load(q, offset), scale), offset)),
    );
  },
};

/** The same rows: what is subtracted at the end needs the sum first. */
export const logSoftmaxRows: KernelCode<Field> = {
  name: 'logSoftmax row',
  fields: ['in', 'out', 'count', 'step'],
  calls: ['log'],
  build(f, args, begin, end, target) {
    const count = f.let(args.count);
    const bytes = f.let(i32.mul(count, 4));
    f.range(begin, end, 1, (row) => {
      const at = f.let(i32.mul(row, bytes));
      const x = f.let(i32.add(args.in, at));
      const lanes = f.let(f32x4.splat(-Infinity));
      along(f, count, [x], ([p], access, vectors) => maximum(f, lanes, p, access, vectors));
      const max = largest(f, lanes);
      const sum = new Total(f);
      along(f, count, [x], ([p], { load, single }, vectors) =>
        sum.add(
          vectorsOf(vectors, (offset) => f.let(expOfNegative({ f, target }, f.let(f32x4.sub(load(p, offset), max))))),
          single,
        ),
      );
      const shift = f.let(f64x2.splat(f.valueOf('f64', target.scalarFunction('log'), sum.value())));
      const maxima = widened(f, max);
      along(f, count, [x, i32.add(args.out, at)], ([p, q], { load, store }, vectors) =>
        vectorsOf(vectors, (offset) => store(q, shifted(f, load(p, offset), maxima, [shift, shift]), offset)),
      );
    });
  },
};

function pairwise(join: (a: V128, b: V128) => V128, terms: readonly V128[]): V128 {
  if (terms.length === 1) return terms[0];
  const half = terms.length / 2;
  return join(pairwise(join, terms.slice(0, half)), pairwise(join, terms.slice(half)));
}
