import { contiguousStrides, sizeOf, type Shape } from '@lemmata/shape';
import { collapse, input, type DType } from '@lemmata/tensor';
import { stage, type Stage } from '../code.js';
import { elementwiseProgram, type ElementwiseProgram } from '../elementwise/kernel.js';
import { bytesOf } from '../elementwise/lanes.js';
import type { Placed } from '../placed.js';
import { reductionCode, type Combination, type Plan } from './code.js';

/**
 * out[o] = the combination of x over `axes`, for x of any strides; `out` is packed. An output is computed by one thread,
 * in an order that depends on shapes and strides alone.
 */
export function reductionStage(combination: Combination, x: Placed, axes: readonly number[], out: Placed): Stage {
  return nestStage(combination, identity(x.dtype), [x], axes, out, x.strides)!;
}

/**
 * The same of what `program` makes of `inputs`, element by element, with the bits that it has of that in a packed array. Null
 * unless four lanes hold four elements of one output, of inputs that are walked along with it: see {@link packedRun}.
 */
export function fusedReductionStage(
  combination: Combination,
  program: ElementwiseProgram,
  inputs: readonly Placed[],
  axes: readonly number[],
  out: Placed,
): Stage | null {
  const { shape } = inputs[0];
  const strides = contiguousStrides(shape);
  return nestStage(combination, program, inputs, axes, out, strides, packedRun(shape, axes));
}

/** How many neighbours of a packed array a reduction over `axes` combines in one run, where that is along lanes; else 0. */
export function packedRun(shape: Shape, axes: readonly number[]): number {
  const reduced = collapse(pick(shape, axes, true), pick(contiguousStrides(shape), axes, true));
  const run = reduced.shape.pop() ?? 1;
  return alongRun(run, reduced.strides[0].pop()) ? run : 0;
}

function alongRun(length: number, step: number | undefined): boolean {
  return step === 1 && length >= 4;
}

function pick<T>(of: readonly T[], axes: readonly number[], reduced: boolean): T[] {
  return of.filter((_, axis) => axes.includes(axis) === reduced);
}

/** `strides` are those of what is combined. If given, it is along lanes, in runs of so many: otherwise there is no stage. */
function nestStage(
  combination: Combination,
  program: ElementwiseProgram,
  inputs: readonly Placed[],
  axes: readonly number[],
  out: Placed,
  strides: readonly number[],
  run?: number,
): Stage | null {
  const { shape } = inputs[0];
  const all = [strides, ...inputs.map((view) => view.strides)];
  // With the output's strides among those merged, kept axes stay in its order.
  const kept = collapse(pick(shape, axes, false), ...[...all, out.strides].map((of) => pick(of, axes, false)));
  const reduced = collapse(pick(shape, axes, true), ...all.map((of) => pick(of, axes, true)));
  const keptInner = kept.shape.pop() ?? 1;
  const keptSteps = kept.strides.map((of) => of.pop() ?? 0);
  const inner = reduced.shape.pop() ?? 1;
  const steps = reduced.strides.map((of) => of.pop() ?? 0);
  const along = alongRun(inner, steps[0]) ? 'reduced' : keptSteps[0] === 1 ? 'kept' : 'neither';
  // A run of another length would be combined in another order.
  if (run !== undefined && (run !== inner || along !== 'reduced' || steps.some((step) => step !== 0 && step !== 1)))
    return null;
  const plan: Plan = {
    combination,
    program,
    output: out.dtype,
    along,
    same: inputs.map((_, i) => along === 'reduced' && steps[i + 1] === 0),
    keptRank: kept.shape.length,
    reducedRank: reduced.shape.length,
  };
  const args: Record<string, number> = { out: out.at, keptInner, inner };
  kept.shape.forEach((size, axis) => (args[`kept${axis}`] = size));
  reduced.shape.forEach((size, axis) => (args[`reduced${axis}`] = size));
  inputs.forEach(({ dtype, at }, i) => {
    const bytes = bytesOf(dtype);
    args[`in${i}`] = at;
    args[`keptStep${i}`] = keptSteps[i + 1] * bytes;
    args[`step${i}`] = steps[i + 1] * bytes;
    kept.strides[i + 1].forEach((stride, axis) => (args[`keptStride${i}_${axis}`] = stride * bytes));
    reduced.strides[i + 1].forEach((stride, axis) => (args[`reducedStride${i}_${axis}`] = stride * bytes));
  });
  const terms = sizeOf(reduced.shape) * inner;
  const cost = (along === 'neither' ? 1 : 0.4) + program.cost - identity(program.output).cost;
  return stage(reductionCode(plan), args, sizeOf(out.shape), 2 + terms * cost);
}

const identities = new Map<DType, ElementwiseProgram>();

function identity(dtype: DType): ElementwiseProgram {
  let program = identities.get(dtype);
  if (program === undefined)
    identities.set(dtype, (program = elementwiseProgram(input(0), [dtype], dtype, 'identity')));
  return program;
}
