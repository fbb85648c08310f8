import { contiguousStrides, type Shape, sizeOf } from '@lemmata/shape';
import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { f32, type FunctionBuilder, i32, type I32, memory, v128 } from '@lemmata/backend-wasm/assembler';

/** How planes are laid into larger ones: element i along an axis comes to `before + i · step`, if that is inside; the rest is 0. */
export interface Placement {
  /** Sizes of a plane, and of the one that it comes into. */
  readonly size: Shape;
  readonly placed: Shape;
  readonly before: readonly number[];
  readonly step: readonly number[];
}

/** Whether every element stays where it is. */
export function staysPut({ size, placed, before, step }: Placement): boolean {
  return size.every((n, axis) => n === placed[axis] && before[axis] === 0 && step[axis] === 1);
}

/** A unit is one plane. */
function placeCode(rank: number, dense: boolean): KernelCode {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const fields: string[] = ['from', 'to', 'fromPlane', 'toPlane', 'clear'];
  for (const axis of axes) fields.push(`count${axis}`, `fromStep${axis}`, `toStep${axis}`);
  return {
    name: `conv.place ${rank}${dense ? ' dense' : ''}`,
    fields,
    build(f, args, begin, end) {
      const walk = (axis: number, p: I32, q: I32): void => {
        const from = f.let(p);
        const to = f.let(q);
        if (axis === rank - 1) {
          copyRow(f, dense, from, to, args[`count${axis}`], args[`toStep${axis}`]);
          return;
        }
        f.repeat(f.let(args[`count${axis}`]), () => {
          walk(axis + 1, from, to);
          f.set(from, i32.add(from, args[`fromStep${axis}`]));
          f.set(to, i32.add(to, args[`toStep${axis}`]));
        });
      };
      f.range(begin, end, 1, (plane) => {
        const to = f.let(i32.add(args.to, i32.mul(plane, args.toPlane)));
        f.do(memory.fill(i32.sub(to, args.clear), 0, args.toPlane));
        walk(0, i32.add(args.from, i32.mul(plane, args.fromPlane)), to);
      });
    },
  };
}

function copyRow(f: FunctionBuilder, dense: boolean, from: I32, to: I32, count: I32, step: I32): void {
  const p = f.let(from);
  const q = f.let(to);
  const left = f.let(count);
  if (dense) {
    f.repeat(f.let(i32.shr_u(left, 2)), () => {
      f.do(v128.store(q, v128.load(p)));
      f.set(p, i32.add(p, 16));
      f.set(q, i32.add(q, 16));
    });
    f.set(left, i32.and(left, 3));
  }
  f.repeat(left, () => {
    f.do(f32.store(q, f32.load(p)));
    f.set(p, i32.add(p, 4));
    f.set(q, i32.add(q, dense ? 4 : step));
  });
}

const codes = new Map<string, KernelCode>();

/** Places `planes` planes that follow each other at `from`. */
export function placeStage({ size, placed, before, step }: Placement, planes: number, from: number, to: number): Stage {
  const fromSteps = contiguousStrides(size);
  const toSteps = contiguousStrides(placed);
  const args: Record<string, number> = { fromPlane: 4 * sizeOf(size), toPlane: 4 * sizeOf(placed) };
  let start = from;
  let corner = 0;
  let empty = false;
  size.forEach((n, axis) => {
    const low = Math.max(0, Math.ceil(-before[axis] / step[axis]));
    const high = Math.min(n, Math.floor((placed[axis] - 1 - before[axis]) / step[axis]) + 1);
    empty ||= high <= low;
    args[`count${axis}`] = Math.max(0, high - low);
    args[`fromStep${axis}`] = 4 * fromSteps[axis];
    args[`toStep${axis}`] = 4 * step[axis] * toSteps[axis];
    start += 4 * low * fromSteps[axis];
    corner += 4 * (before[axis] + low * step[axis]) * toSteps[axis];
  });
  if (empty) {
    size.forEach((_, axis) => (args[`count${axis}`] = 0));
    start = from;
    corner = 0;
  }
  const dense = step[step.length - 1] === 1;
  const key = `${size.length} ${dense}`;
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = placeCode(size.length, dense)));
  return stage(code, { ...args, from: start, to: to + corner, clear: corner }, planes, 50 + sizeOf(placed) * 0.3);
}
