import { sizeOf } from '@lemmata/shape';
import {
  collapse,
  scalarValues,
  type DType,
  type ScalarExpr,
  type ScalarFnName,
  type ScalarValues,
} from '@lemmata/tensor';
import { i32, type FunctionBuilder, type I32, type Local } from '../assembler/index.js';
import { stage, type KernelCode, type Stage, type Target } from '../code.js';
import type { Placed } from '../placed.js';
import { eachIndex } from '../walk.js';
import { castLanes } from './cast.js';
import { withConstants } from './constants.js';
import { inTurns } from './far.js';
import { functionLanes, isCalled, isCostly } from './functions.js';
import {
  bytesOf,
  constantLanes,
  loadApart,
  loadFour,
  loadOne,
  named,
  storeFour,
  storeOne,
  type Lanes,
} from './lanes.js';

/** How an input lies along the innermost axis: side by side, the same for all, or some distance apart. */
export type Access = 'dense' | 'same' | 'apart';

/** What is computed, without the memory it is computed in. */
export interface ElementwiseProgram extends ScalarValues {
  readonly inputs: readonly DType[];
  readonly output: DType;
  /** Equal for equal programs. */
  readonly text: string;
  /** Nanoseconds an element, roughly. */
  readonly cost: number;
  /** Kernels made so far, by how inputs lie. */
  readonly codes: Map<string, KernelCode>;
}

export function elementwiseProgram(
  expr: ScalarExpr,
  inputs: readonly DType[],
  output: DType,
  name: string,
): ElementwiseProgram {
  const { values, results } = scalarValues([expr], inputs, [output], name);
  const text = `${values.map((value) => value.text).join(';')}>${results[0]} ${output}`;
  return { values, results, inputs, output, text, cost: 0.3 + 0.2 * values.length, codes: new Map() };
}

/** Bytes read and written from which on most last-level caches do not hold them. */
const BEYOND_CACHES = 2 ** 25;

/**
 * The program on these views: out[i] = f(in₀[i], in₁[i], …) with inputs of any strides and a packed output. Every
 * function rounds to its dtype, as if it were alone.
 *
 * @param beyond from so many bytes on, arrays that lie apart are read and written by {@link inTurns}
 */
export function elementwiseStage(
  program: ElementwiseProgram,
  inputs: readonly Placed[],
  output: Placed,
  beyond: number = BEYOND_CACHES,
): Stage {
  // With the output's strides among those merged, the axes keep its order.
  const nest = collapse(output.shape, output.strides, ...inputs.map((view) => view.strides));
  const strides = nest.strides.slice(1);
  const inner = nest.shape.pop() ?? 1;
  const steps = strides.map((of) => of.pop() ?? 0);
  const access = steps.map((step): Access => (step === 0 ? 'same' : step === 1 ? 'dense' : 'apart'));
  const args: Record<string, number> = { out: output.at, inner };
  nest.shape.forEach((size, axis) => (args[`size${axis}`] = size));
  inputs.forEach((view, i) => {
    const bytes = bytesOf(view.dtype);
    args[`in${i}`] = view.at;
    args[`step${i}`] = steps[i] * bytes;
    strides[i].forEach((stride, axis) => (args[`stride${i}_${axis}`] = stride * bytes));
  });
  const rank = nest.shape.length;
  const size = sizeOf(output.shape);
  const read = steps.reduce((sum, step, i) => sum + (step === 1 ? bytesOf(inputs[i].dtype) : 0), 0);
  // A line that is written where it was read is in the cache.
  const apart = read > 0 && inputs.every(({ at }) => at !== output.at);
  const far =
    rank === 0 && apart && unrolling(program, access) === MOST && size * (read + bytesOf(output.dtype)) >= beyond;
  return stage(elementwiseCode(program, access, rank, far), args, size, program.cost);
}

/** The kernel for inputs that lie so, and so many axes outside the innermost one. Its arguments: see `fields`. */
export function elementwiseCode(
  program: ElementwiseProgram,
  access: readonly Access[],
  rank: number,
  far = false,
): KernelCode {
  const key = `${far ? '.far' : ''} ${access.join()} ${rank}`;
  const known = program.codes.get(key);
  if (known !== undefined) return known;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const perInput = program.inputs.flatMap((_, i) => [
    `in${i}`,
    `step${i}`,
    ...axes.map((axis) => `stride${i}_${axis}`),
  ]);
  const code: KernelCode = {
    name: `elementwise${key} ${program.text}`,
    fields: ['out', 'inner', ...axes.map((axis) => `size${axis}`), ...perInput],
    calls: calledFunctions(program),
    build: (f, args, begin, end, target) => buildLoops(f, program, access, rank, far, args, begin, end, target),
  };
  program.codes.set(key, code);
  return code;
}

export function calledFunctions({ values }: ElementwiseProgram): ScalarFnName[] {
  return values.flatMap(({ expr, operand }) => (expr.kind === 'call' && isCalled(expr.fn, operand) ? [expr.fn] : []));
}

/** Walks the range row by row; a row is a run of the innermost axis. */
function buildLoops(
  f: FunctionBuilder,
  program: ElementwiseProgram,
  access: readonly Access[],
  rank: number,
  far: boolean,
  args: Readonly<Record<string, I32>>,
  begin: Local<'i32'>,
  end: Local<'i32'>,
  target: Target,
): void {
  const { inputs, output } = program;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const read = readInputs(program);
  const out = f.let(i32.add(args.out, i32.mul(begin, bytesOf(output))));
  const inner = f.let(args.inner);
  const steps = inputs.map((_, i) => f.let(args[`step${i}`]));
  const pointers = inputs.map(() => f.local('i32'));
  const uniform = uniformValues(
    program,
    access.map((way) => way === 'same'),
  );
  const at = f.let(begin);
  f.while(i32.lt_s(at, end), () => {
    const row = f.let(i32.div_u(at, inner));
    const column = f.let(i32.sub(at, i32.mul(row, inner)));
    const count = f.let(i32.min_u(i32.sub(inner, column), i32.sub(end, at)));
    inputs.forEach((_, i) => read.has(i) && f.set(pointers[i], i32.add(args[`in${i}`], i32.mul(column, steps[i]))));
    eachIndex(
      f,
      row,
      axes.map((axis) => args[`size${axis}`]),
      (axis, index) => {
        inputs.forEach((_, i) => {
          if (read.has(i)) f.set(pointers[i], i32.add(pointers[i], i32.mul(index, args[`stride${i}_${axis}`])));
        });
      },
    );
    const shared = computeValues(f, target, program, uniform, new Map(), (i) => loadOne(inputs[i], pointers[i]));
    const varying = program.values.map((_, value) => !uniform[value]);
    /** One element, or so many vectors of four. */
    const turn = (vectors: number | 'one'): void => {
      const width = vectors === 'one' ? 1 : 4 * vectors;
      const results = Array.from({ length: Math.ceil(width / 4) }, (_, vector) => {
        const load = (i: number): Lanes => {
          if (vectors === 'one') return loadOne(inputs[i], pointers[i]);
          if (access[i] === 'apart') return loadApart(inputs[i], pointers[i], steps[i]);
          return loadFour(inputs[i], pointers[i], 4 * vector * bytesOf(inputs[i]));
        };
        return computeValues(f, target, program, varying, new Map(shared), load).get(program.results[0])!;
      });
      if (vectors === 'one') f.do(storeOne(output, out, results[0]));
      else results.forEach((lanes, vector) => f.do(...storeFour(output, out, lanes, 4 * vector * bytesOf(output))));
      f.set(out, i32.add(out, width * bytesOf(output)));
      inputs.forEach((dtype, i) => {
        if (!read.has(i) || access[i] === 'same') return;
        const apart = vectors === 'one' ? steps[i] : i32.shl(steps[i], 2);
        f.set(pointers[i], i32.add(pointers[i], access[i] === 'dense' ? width * bytesOf(dtype) : apart));
      });
    };
    const left = f.let(count);
    const unrolled = unrolling(program, access);
    if (unrolled > 1) {
      const turns = f.let(i32.div_u(left, 4 * unrolled));
      if (far) inTurns(f, turns, out, 4 * unrolled * bytesOf(output), target.scratch, () => turn(unrolled));
      else f.repeat(turns, () => turn(unrolled));
      f.set(left, i32.rem_u(left, 4 * unrolled));
    }
    f.repeat(f.let(i32.shr_u(left, 2)), () => turn(1));
    // What is left is computed in all lanes, so that an element's bits do not depend on its place.
    f.repeat(f.let(i32.and(left, 3)), () => turn('one'));
    f.set(at, i32.add(at, count));
  });
}

/** Vectors that a turn computes at most. */
const MOST = 8;

/** How many vectors a turn of the loop computes: where that takes few instructions, going on takes as long as computing. */
function unrolling({ values }: ElementwiseProgram, access: readonly Access[]): number {
  if (access.includes('apart')) return 1;
  if (values.some(({ expr, operand }) => expr.kind === 'call' && isCostly(expr.fn, operand))) return 1;
  return values.length <= 6 ? MOST : values.length <= 12 ? 2 : 1;
}

function readInputs({ values }: ElementwiseProgram): Set<number> {
  return new Set(values.flatMap(({ expr }) => (expr.kind === 'input' ? [expr.index] : [])));
}

/** For each value, whether it is the same along a row, where these inputs are. */
export function uniformValues({ values }: ElementwiseProgram, same: readonly boolean[]): boolean[] {
  const uniform: boolean[] = [];
  for (const { expr, args } of values) {
    if (expr.kind === 'input') uniform.push(same[expr.index]);
    else uniform.push(args.every((arg) => uniform[arg]));
  }
  return uniform;
}

/** Adds the chosen values to those that are known. */
export function computeValues(
  f: FunctionBuilder,
  target: Target,
  program: ElementwiseProgram,
  chosen: readonly boolean[],
  known: Map<number, Lanes>,
  load: (input: number) => Lanes,
): Map<number, Lanes> {
  program.values.forEach(({ expr, dtype, operand, args }, at) => {
    if (!chosen[at]) return;
    if (expr.kind === 'const') {
      known.set(
        at,
        constantLanes(dtype, expr.value).map((part) => f.hoist(part)),
      );
      return;
    }
    const operands = args.map((arg) => known.get(arg)!);
    if (expr.kind === 'input') known.set(at, named(f, load(expr.index)));
    else if (expr.kind === 'cast') known.set(at, named(f, castLanes(f, operand, dtype, operands[0])));
    else {
      const constants = args.map((arg) => {
        const of = program.values[arg].expr;
        return of.kind === 'const' ? of.value : undefined;
      });
      const shorter =
        operand === 'float32'
          ? withConstants(
              f,
              expr.fn,
              operands.map(([lanes]) => lanes),
              constants,
            )
          : undefined;
      known.set(
        at,
        named(f, shorter === undefined ? functionLanes(f, target, expr.fn, operand, dtype, operands) : [shorter]),
      );
    }
  });
  return known;
}
