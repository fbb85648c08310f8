import { sizeOf } from '@lemmata/shape';
import { collapse, type DType, type ScalarFnName } from '@lemmata/tensor';
import { i32, v128, type FunctionBuilder, type I32, type Local } from '../assembler/index.js';
import { stage, type KernelCode, type Stage, type Target } from '../code.js';
import { castLanes } from '../elementwise/cast.js';
import { functionLanes } from '../elementwise/functions.js';
import {
  bytesOf,
  constantLanes,
  loadFour,
  loadOne,
  named,
  storeFour,
  storeOne,
  type Lanes,
} from '../elementwise/lanes.js';
import type { Placed } from '../placed.js';
import { eachIndex, eachStart } from '../walk.js';

/** How elements are put together: an associative function on `dtype`, and where it starts (null: at the first element). */
export interface Combination {
  readonly fn: ScalarFnName;
  readonly dtype: DType;
  readonly start: number | null;
}

/** Vectors of four that one turn of a loop over columns combines at once: 64 bytes of float32, a cache line. */
const WIDTH = 4;

interface Plan {
  readonly combination: Combination;
  readonly input: DType;
  readonly output: DType;
  /** Four lanes hold four elements of one output, four outputs, or one element of one output at a time. */
  readonly along: 'reduced' | 'kept' | 'neither';
  readonly keptRank: number;
  readonly reducedRank: number;
}

/**
 * out[o] = the combination of x over `axes`, for x of any strides; `out` is packed. An output is computed by one thread,
 * in an order that depends on shapes and strides alone.
 */
export function reductionStage(combination: Combination, x: Placed, axes: readonly number[], out: Placed): Stage {
  const pick = <T>(of: readonly T[], reduced: boolean): T[] => of.filter((_, axis) => axes.includes(axis) === reduced);
  // With the output's strides among those merged, kept axes stay in its order.
  const kept = collapse(pick(x.shape, false), pick(x.strides, false), pick(out.strides, false));
  const reduced = collapse(pick(x.shape, true), pick(x.strides, true));
  const bytes = bytesOf(x.dtype);
  const keptInner = kept.shape.pop() ?? 1;
  const keptStep = kept.strides[0].pop() ?? 0;
  const inner = reduced.shape.pop() ?? 1;
  const step = reduced.strides[0].pop() ?? 0;
  const along = step === 1 && inner >= 4 ? 'reduced' : keptStep === 1 ? 'kept' : 'neither';
  const plan: Plan = {
    combination,
    input: x.dtype,
    output: out.dtype,
    along,
    keptRank: kept.shape.length,
    reducedRank: reduced.shape.length,
  };
  const args: Record<string, number> = {
    in: x.at,
    out: out.at,
    keptInner,
    keptStep: keptStep * bytes,
    inner,
    step: step * bytes,
  };
  kept.shape.forEach((size, axis) => (args[`kept${axis}`] = size));
  kept.strides[0].forEach((stride, axis) => (args[`keptStride${axis}`] = stride * bytes));
  reduced.shape.forEach((size, axis) => (args[`reduced${axis}`] = size));
  reduced.strides[0].forEach((stride, axis) => (args[`reducedStride${axis}`] = stride * bytes));
  const terms = sizeOf(reduced.shape) * inner;
  return stage(reductionCode(plan), args, sizeOf(out.shape), 2 + terms * (along === 'neither' ? 1 : 0.4));
}

const codes = new Map<string, KernelCode>();

function reductionCode(plan: Plan): KernelCode {
  const { combination, input, output, along, keptRank, reducedRank } = plan;
  const name = `reduce ${combination.fn} ${combination.dtype} ${combination.start} ${input} ${output} ${along} ${keptRank} ${reducedRank}`;
  let code = codes.get(name);
  if (code === undefined) {
    const numbered = (field: string, rank: number): string[] =>
      Array.from({ length: rank }, (_, axis) => `${field}${axis}`);
    const fields = [
      'in',
      'out',
      'keptInner',
      'keptStep',
      'inner',
      'step',
      ...numbered('kept', keptRank),
      ...numbered('keptStride', keptRank),
      ...numbered('reduced', reducedRank),
      ...numbered('reducedStride', reducedRank),
    ];
    codes.set(
      name,
      (code = {
        name,
        fields,
        build: (f, args, begin, end, target) => new Reduction(plan, f, args, target).build(begin, end),
      }),
    );
  }
  return code;
}

/** Writes one kernel. */
class Reduction {
  private readonly plan: Plan;
  private readonly f: FunctionBuilder;
  private readonly args: Readonly<Record<string, I32>>;
  private readonly target: Target;
  private readonly inner: Local<'i32'>;
  private readonly step: Local<'i32'>;

  constructor(plan: Plan, f: FunctionBuilder, args: Readonly<Record<string, I32>>, target: Target) {
    this.plan = plan;
    this.f = f;
    this.args = args;
    this.target = target;
    this.inner = f.let(args.inner);
    this.step = f.let(args.step);
  }

  build(begin: Local<'i32'>, end: Local<'i32'>): void {
    const { f, args, plan } = this;
    const outBytes = bytesOf(plan.output);
    const out = f.let(i32.add(args.out, i32.mul(begin, outBytes)));
    const keptInner = f.let(args.keptInner);
    const at = f.let(begin);
    f.while(i32.lt_s(at, end), () => {
      const row = f.let(i32.div_u(at, keptInner));
      const column = f.let(i32.sub(at, i32.mul(row, keptInner)));
      const count = f.let(i32.min_u(i32.sub(keptInner, column), i32.sub(end, at)));
      f.set(at, i32.add(at, count));
      const x = f.let(i32.add(args.in, i32.mul(column, args.keptStep)));
      eachIndex(f, row, this.numbered('kept', plan.keptRank), (axis, index) =>
        f.set(x, i32.add(x, i32.mul(index, args[`keptStride${axis}`]))),
      );
      const turns = (outputs: number, times: Local<'i32'>): void => {
        f.repeat(times, () => {
          this.outputs(outputs, x, out);
          f.set(x, i32.add(x, outputs === 1 ? args.keptStep : outputs * bytesOf(plan.input)));
          f.set(out, i32.add(out, outputs * outBytes));
        });
      };
      if (plan.along === 'kept') {
        turns(4 * WIDTH, f.let(i32.div_u(count, 4 * WIDTH)));
        f.set(count, i32.rem_u(count, 4 * WIDTH));
        turns(4, f.let(i32.shr_u(count, 2)));
        f.set(count, i32.and(count, 3));
      }
      turns(1, count);
    });
  }

  /** One output, or several whose first elements lie side by side from x on. */
  private outputs(count: number, x: Local<'i32'>, out: I32): void {
    const { f, plan } = this;
    const vectors = Array.from({ length: Math.ceil(count / 4) }, (_, v) => v);
    const load = (at: I32): Lanes => (count === 1 ? loadOne(plan.input, at) : loadFour(plan.input, at));
    const places = (at: Local<'i32'>): I32[] =>
      vectors.map((v) => (v === 0 ? at : i32.add(at, v * 4 * bytesOf(plan.input))));
    const totals = places(x).map((at) =>
      this.variables(
        plan.combination.start === null
          ? this.widened(load(at))
          : constantLanes(plan.combination.dtype, plan.combination.start),
      ),
    );
    const spread = plan.along === 'reduced' && count === 1 ? this.variables(totals[0]) : null;
    eachStart(
      f,
      x,
      this.numbered('reduced', plan.reducedRank),
      this.numbered('reducedStride', plan.reducedRank),
      (start) => {
        const left = f.let(this.inner);
        if (spread !== null) {
          f.repeat(f.let(i32.shr_u(left, 2)), () => {
            this.combine(spread, loadFour(plan.input, start));
            f.set(start, i32.add(start, 4 * bytesOf(plan.input)));
          });
          f.set(left, i32.and(left, 3));
        }
        f.repeat(left, () => {
          places(start).forEach((at, v) => this.combine(totals[v], load(at)));
          f.set(start, i32.add(start, this.step));
        });
      },
    );
    if (spread !== null) {
      // The totals of the four lanes, put together in each.
      for (const order of [
        [2, 3, 0, 1],
        [1, 0, 3, 2],
      ] as const)
        this.assign(spread, this.applied(spread, this.variables(exchanged(spread, order))));
      this.assign(totals[0], this.applied(totals[0], spread));
    }
    const results = totals.map((total) => named(f, castLanes(f, plan.combination.dtype, plan.output, total)));
    if (count === 1) f.do(storeOne(plan.output, out, results[0]));
    else
      results.forEach((lanes, v) =>
        f.do(...storeFour(plan.output, v === 0 ? out : f.let(i32.add(out, v * 4 * bytesOf(plan.output))), lanes)),
      );
  }

  private combine(total: readonly Local<'v128'>[], x: Lanes): void {
    this.assign(total, this.applied(total, this.variables(this.widened(x))));
  }

  private applied(a: Lanes, b: Lanes): Lanes {
    const { fn, dtype } = this.plan.combination;
    return functionLanes(this.f, this.target, fn, dtype, dtype, [a, b]);
  }

  private widened(x: Lanes): Lanes {
    return castLanes(this.f, this.plan.input, this.plan.combination.dtype, x);
  }

  private variables(lanes: Lanes): readonly Local<'v128'>[] {
    return named(this.f, lanes);
  }

  private assign(to: readonly Local<'v128'>[], from: Lanes): void {
    from.forEach((part, i) => this.f.set(to[i], part));
  }

  private numbered(field: string, rank: number): I32[] {
    return Array.from({ length: rank }, (_, axis) => this.args[`${field}${axis}`]);
  }
}

/** Four elements in another order; those of float64 lie in pairs. */
function exchanged(lanes: Lanes, order: readonly [number, number, number, number]): Lanes {
  if (lanes.length === 1) return [v128.shuffle32(lanes[0], lanes[0], order)];
  const pair = (first: number): Lanes[number] => {
    const [a, b] = [order[first], order[first + 1]];
    const from = lanes[a >> 1];
    return v128.shuffle32(from, from, a % 2 === 0 && b % 2 === 1 ? [0, 1, 2, 3] : [2, 3, 0, 1]);
  };
  return [pair(0), pair(2)];
}
