import type { DType, ScalarFnName } from '@lemmata/tensor';
import { i32, v128, type FunctionBuilder, type I32, type Local } from '../assembler/index.js';
import type { KernelCode, Target } from '../code.js';
import { castLanes } from '../elementwise/cast.js';
import { functionLanes } from '../elementwise/functions.js';
import { calledFunctions, computeValues, uniformValues, type ElementwiseProgram } from '../elementwise/kernel.js';
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
import { eachIndex, eachStart } from '../walk.js';

/** How elements are put together: an associative function on `dtype`, and where it starts (null: at the first element). */
export interface Combination {
  readonly fn: ScalarFnName;
  readonly dtype: DType;
  readonly start: number | null;
}

/** Vectors of four that one turn of a loop over columns combines at once: 64 bytes of float32, a cache line. */
const WIDTH = 4;

/** What is computed, without the memory it is computed in. */
export interface Plan {
  readonly combination: Combination;
  /** Makes the elements that are combined. */
  readonly program: ElementwiseProgram;
  readonly output: DType;
  /** Four lanes hold four elements of one output, four outputs, or one element of one output at a time. */
  readonly along: 'reduced' | 'kept' | 'neither';
  /** For each input of the program, whether four lanes hold the same element of it. */
  readonly same: readonly boolean[];
  readonly keptRank: number;
  readonly reducedRank: number;
}

const codes = new Map<string, KernelCode>();

export function reductionCode(plan: Plan): KernelCode {
  const { combination, program, output, along, same, keptRank, reducedRank } = plan;
  const { fn, dtype, start } = combination;
  const name = `reduce ${fn} ${dtype} ${start} of ${program.text} ${output} ${along} ${same.join()} ${keptRank} ${reducedRank}`;
  let code = codes.get(name);
  if (code === undefined) {
    const numbered = (field: string, rank: number): string[] =>
      Array.from({ length: rank }, (_, axis) => `${field}${axis}`);
    const fields = [
      'out',
      'keptInner',
      'inner',
      ...numbered('kept', keptRank),
      ...numbered('reduced', reducedRank),
      ...same.flatMap((_, i) => [
        `in${i}`,
        `keptStep${i}`,
        `step${i}`,
        ...numbered(`keptStride${i}_`, keptRank),
        ...numbered(`reducedStride${i}_`, reducedRank),
      ]),
    ];
    codes.set(
      name,
      (code = {
        name,
        fields,
        calls: calledFunctions(program),
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
  private readonly steps: readonly Local<'i32'>[];

  constructor(plan: Plan, f: FunctionBuilder, args: Readonly<Record<string, I32>>, target: Target) {
    this.plan = plan;
    this.f = f;
    this.args = args;
    this.target = target;
    this.inner = f.let(args.inner);
    this.steps = plan.program.inputs.map((_, i) => f.let(args[`step${i}`]));
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
      const from = plan.program.inputs.map((_, i) =>
        f.let(i32.add(args[`in${i}`], i32.mul(column, args[`keptStep${i}`]))),
      );
      eachIndex(f, row, this.numbered('kept', plan.keptRank), (axis, index) =>
        from.forEach((x, i) => f.set(x, i32.add(x, i32.mul(index, args[`keptStride${i}_${axis}`])))),
      );
      const turns = (outputs: number, times: Local<'i32'>): void => {
        f.repeat(times, () => {
          this.outputs(outputs, from, out);
          from.forEach((x, i) => {
            if (outputs === 1) f.set(x, i32.add(x, args[`keptStep${i}`]));
            else this.advance(x, i, outputs);
          });
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

  /** One output, or several whose first elements are made of what lies side by side from x on. */
  private outputs(count: number, from: readonly Local<'i32'>[], out: I32): void {
    const { f, plan } = this;
    const { inputs } = plan.program;
    const vectors = Array.from({ length: Math.ceil(count / 4) }, (_, v) => v);
    const totals = vectors.map((v) =>
      this.variables(
        plan.combination.start === null
          ? this.widened(this.element(from, count === 1 ? 'one' : v))
          : constantLanes(plan.combination.dtype, plan.combination.start),
      ),
    );
    const spread = plan.along === 'reduced' && count === 1 ? this.variables(totals[0]) : null;
    eachStart(
      f,
      from,
      this.numbered('reduced', plan.reducedRank),
      inputs.map((_, i) => this.numbered(`reducedStride${i}_`, plan.reducedRank)),
      (starts) => {
        const left = f.let(this.inner);
        if (spread !== null) {
          const shared = this.shared(starts);
          f.repeat(f.let(i32.shr_u(left, 2)), () => {
            this.combine(spread, this.element(starts, 0, shared));
            starts.forEach((start, i) => this.advance(start, i, 4));
          });
          f.set(left, i32.and(left, 3));
        }
        f.repeat(left, () => {
          vectors.forEach((v) => this.combine(totals[v], this.element(starts, count === 1 ? 'one' : v)));
          starts.forEach((start, i) => f.set(start, i32.add(start, this.steps[i])));
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

  /** What the program makes of one element of each input, in all lanes, or of the vectors so many behind `at`. */
  private element(at: readonly I32[], vector: number | 'one', shared: ReadonlyMap<number, Lanes> = new Map()): Lanes {
    const { program, same } = this.plan;
    const chosen = program.values.map((_, value) => !shared.has(value));
    const load = (i: number): Lanes =>
      vector === 'one' || same[i]
        ? loadOne(program.inputs[i], at[i])
        : loadFour(program.inputs[i], at[i], 4 * vector * bytesOf(program.inputs[i]));
    return computeValues(this.f, this.target, program, chosen, new Map(shared), load).get(program.results[0])!;
  }

  /** The values that are the same along a run. */
  private shared(at: readonly I32[]): Map<number, Lanes> {
    const { program, same } = this.plan;
    const chosen = uniformValues(program, same);
    return computeValues(this.f, this.target, program, chosen, new Map(), (i) => loadOne(program.inputs[i], at[i]));
  }

  private advance(pointer: Local<'i32'>, i: number, elements: number): void {
    const { program, same } = this.plan;
    if (!same[i]) this.f.set(pointer, i32.add(pointer, elements * bytesOf(program.inputs[i])));
  }

  private combine(total: readonly Local<'v128'>[], x: Lanes): void {
    this.assign(total, this.applied(total, this.variables(this.widened(x))));
  }

  private applied(a: Lanes, b: Lanes): Lanes {
    const { fn, dtype } = this.plan.combination;
    return functionLanes(this.f, this.target, fn, dtype, dtype, [a, b]);
  }

  private widened(x: Lanes): Lanes {
    return castLanes(this.f, this.plan.program.output, this.plan.combination.dtype, x);
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
