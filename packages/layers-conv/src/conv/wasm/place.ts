import { contiguousStrides, type Shape, sizeOf } from '@lemmata/shape';
import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { f32, type FunctionBuilder, i32, type I32, memory, v128 } from '@lemmata/backend-wasm/assembler';

/**
 * How planes are laid into others: along an axis, element p of the placed plane is element `p · every − before` of the
 * given one, or 0 where there is none. Rows along the last axis are dealt out over `split` parts, one after the other:
 * element p lies in part `p mod split`, so that windows `split` apart see each tap side by side.
 */
export interface Placement {
  /** Sizes of a plane, and of the one that it comes into. */
  readonly size: Shape;
  readonly placed: Shape;
  readonly before: readonly number[];
  readonly every: readonly number[];
  readonly split: number;
}

/** Whether every element stays where it is. */
export function staysPut({ size, placed, before, every, split }: Placement): boolean {
  return split === 1 && size.every((n, axis) => n === placed[axis] && before[axis] === 0 && every[axis] === 1);
}

/** Elements of a part of a row. */
export function partOf({ placed, split }: Placement): number {
  return Math.ceil(placed[placed.length - 1] / split);
}

/** Sizes of a placed plane in memory: rows are as long as all their parts. */
export function placedShape(placement: Placement): number[] {
  const { placed, split } = placement;
  return [...placed.slice(0, -1), split * partOf(placement)];
}

type Step = 1 | 2 | 'any';

/** A unit is one plane. */
function placeCode(rank: number, step: Step): KernelCode {
  const outer = Array.from({ length: rank - 1 }, (_, axis) => axis);
  const fields = ['from', 'to', 'fromPlane', 'toPlane', 'size', 'before', 'every', 'split', 'part'];
  for (const axis of outer) fields.push(`count${axis}`, `fromStep${axis}`, `toStep${axis}`);
  return {
    name: `conv.place ${rank} ${step}`,
    fields: [...fields, 'corner'],
    build(f, args, begin, end) {
      const every = f.let(args.every);
      const split = f.let(args.split);
      const before = f.let(args.before);
      const size = f.let(args.size);
      const distance = f.let(i32.shl(i32.mul(every, split), 2));
      const walk = (axis: number, p: I32, q: I32, count: I32): void => {
        const from = f.let(p);
        const to = f.let(q);
        if (axis === rank - 1) {
          copyRow(f, step, from, to, count, distance);
          return;
        }
        f.repeat(f.let(args[`count${axis}`]), () => {
          walk(axis + 1, from, to, count);
          f.set(from, i32.add(from, args[`fromStep${axis}`]));
          f.set(to, i32.add(to, args[`toStep${axis}`]));
        });
      };
      f.range(begin, end, 1, (plane) => {
        const from = f.let(i32.add(args.from, i32.mul(plane, args.fromPlane)));
        const to = f.let(i32.add(args.to, i32.mul(plane, args.toPlane)));
        f.do(memory.fill(to, 0, args.toPlane));
        f.range(0, split, 1, (phase) => {
          // The first element of this part that there is, and how many there are.
          const first = f.let(i32.sub(i32.mul(phase, every), before));
          const skipped = f.let(i32.const(0));
          const step = f.let(i32.mul(every, split));
          f.if(i32.lt_s(first, 0), () => {
            f.set(skipped, i32.div_u(i32.sub(i32.sub(step, 1), first), step));
            f.set(first, i32.add(first, i32.mul(skipped, step)));
          });
          const count = f.let(i32.sub(args.part, skipped));
          const there = f.let(i32.div_s(i32.add(i32.sub(size, first), i32.sub(step, 1)), step));
          f.if(i32.lt_s(there, count), () => f.set(count, there));
          f.if(i32.gt_s(count, 0), () =>
            walk(
              0,
              i32.add(from, i32.shl(first, 2)),
              i32.add(i32.add(to, args.corner), i32.shl(i32.add(i32.mul(phase, args.part), skipped), 2)),
              count,
            ),
          );
        });
      });
    },
  };
}

function copyRow(f: FunctionBuilder, step: Step, from: I32, to: I32, count: I32, distance: I32): void {
  const p = f.let(from);
  const q = f.let(to);
  const left = f.let(count);
  if (step === 1) {
    f.repeat(f.let(i32.shr_u(left, 2)), () => {
      f.do(v128.store(q, v128.load(p)));
      f.set(p, i32.add(p, 16));
      f.set(q, i32.add(q, 16));
    });
    f.set(left, i32.and(left, 3));
  }
  if (step === 2) {
    // The last element may be the last of the memory: it is not loaded together with the one behind it.
    const fours = f.let(i32.shr_u(i32.sub(left, 1), 2));
    f.set(left, i32.sub(left, i32.shl(fours, 2)));
    f.repeat(fours, () => {
      f.do(v128.store(q, v128.shuffle32(v128.load(p), v128.load(p, 16), [0, 2, 4, 6])));
      f.set(p, i32.add(p, 32));
      f.set(q, i32.add(q, 16));
    });
  }
  f.repeat(left, () => {
    f.do(f32.store(q, f32.load(p)));
    f.set(p, i32.add(p, distance));
    f.set(q, i32.add(q, 4));
  });
}

const codes = new Map<string, KernelCode>();

/** Places `planes` planes that follow each other at `from`. */
export function placeStage(placement: Placement, planes: number, from: number, to: number): Stage {
  const { size, placed, before, every, split } = placement;
  const last = size.length - 1;
  const fromSteps = contiguousStrides(size);
  const toShape = placedShape(placement);
  const toSteps = contiguousStrides(toShape);
  const args: Record<string, number> = {
    fromPlane: 4 * sizeOf(size),
    toPlane: 4 * sizeOf(toShape),
    size: size[last],
    before: before[last],
    every: every[last],
    split,
    part: partOf(placement),
  };
  let start = from;
  let corner = 0;
  for (let axis = 0; axis < last; axis++) {
    const low = Math.max(0, Math.ceil(before[axis] / every[axis]));
    const high = Math.min(placed[axis], Math.floor((size[axis] - 1 + before[axis]) / every[axis]) + 1);
    args[`count${axis}`] = Math.max(0, high - low);
    args[`fromStep${axis}`] = 4 * every[axis] * fromSteps[axis];
    args[`toStep${axis}`] = 4 * toSteps[axis];
    start += 4 * (low * every[axis] - before[axis]) * fromSteps[axis];
    corner += 4 * low * toSteps[axis];
  }
  const distance = every[last] * split;
  const step = distance === 1 || distance === 2 ? distance : 'any';
  const key = `${size.length} ${step}`;
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = placeCode(size.length, step)));
  return stage(code, { ...args, from: start, to, corner }, planes, 50 + sizeOf(toShape) * 0.3);
}
