import { contiguousStrides, type Shape } from '@lemmata/shape';
import { type FunctionBuilder, i32, type I32, type Local } from '@lemmata/backend-wasm/assembler';
import type { Sliding } from '../windows.js';

type Args = Readonly<Record<string, I32>>;

/** Names of the arguments that say how windows slide. */
export function windowFields(rank: number): string[] {
  const fields: string[] = [];
  for (let axis = 0; axis < rank; axis++)
    for (const name of ['size', 'outputs', 'kernel', 'stride', 'dilation', 'before', 'end', 'step'])
      fields.push(`${name}${axis}`);
  return fields;
}

/** These arguments, for planes of these sizes. */
export function windowArgs(sliding: Sliding, size: Shape, output: Shape): Record<string, number> {
  const steps = contiguousStrides(size);
  const args: Record<string, number> = {};
  size.forEach((n, axis) => {
    const [before, after] = sliding.padding[axis];
    args[`size${axis}`] = n;
    args[`outputs${axis}`] = output[axis];
    args[`kernel${axis}`] = sliding.kernel[axis];
    args[`stride${axis}`] = sliding.stride[axis];
    args[`dilation${axis}`] = sliding.dilation[axis];
    args[`before${axis}`] = before;
    args[`end${axis}`] = before + n + after;
    args[`step${axis}`] = steps[axis];
  });
  return args;
}

/** Whether every window has an element that is not padding. */
export function noneEmpty({ kernel, stride, dilation, padding }: Sliding, size: Shape, output: Shape): boolean {
  return size.every((n, axis) => {
    for (let o = 0; o < output[axis]; o++) {
      const start = o * stride[axis] - padding[axis][0];
      const first = start < 0 ? start + Math.ceil(-start / dilation[axis]) * dilation[axis] : start;
      if (first >= n || first > start + (kernel[axis] - 1) * dilation[axis]) return false;
    }
    return true;
  });
}

/** The part of one window along one axis that is no padding. */
interface Part {
  /** Its first element, and how many there are. */
  readonly first: Local<'i32'>;
  readonly count: Local<'i32'>;
  /** Where the window starts in the padded plane. */
  readonly start: Local<'i32'>;
}

/** One window. */
export interface Window {
  /** The flat index of its first element. */
  readonly first: I32;
  readonly parts: readonly Part[];
  /** Visits the flat index of each element. */
  each(visit: (element: Local<'i32'>) => void): void;
}

/** Visits the windows of a plane in the order of the output. */
export function eachWindow(f: FunctionBuilder, args: Args, rank: number, visit: (window: Window) => void): void {
  const all = Object.fromEntries(windowFields(rank).map((field) => [field, f.let(args[field])]));
  const parts: Part[] = [];
  const walk = (axis: number): void => {
    if (axis === rank) {
      const first = parts.map(({ first }, i): I32 => i32.mul(first, all[`step${i}`])).reduce((a, b) => i32.add(a, b));
      visit({ first, parts, each: (body) => elements(f, all, parts, 0, first, body) });
      return;
    }
    const of = (name: string): Local<'i32'> => all[`${name}${axis}`];
    const start = f.local('i32');
    f.set(start, 0);
    f.repeat(f.let(of('outputs')), () => {
      const first = f.let(i32.sub(start, of('before')));
      const count = f.let(of('kernel'));
      f.if(i32.lt_s(first, 0), () => {
        const skipped = f.let(i32.div_u(i32.add(i32.sub(0, first), i32.sub(of('dilation'), 1)), of('dilation')));
        f.set(first, i32.add(first, i32.mul(skipped, of('dilation'))));
        f.set(count, i32.sub(count, skipped));
      });
      f.if(i32.gt_s(i32.add(first, i32.mul(i32.sub(count, 1), of('dilation'))), i32.sub(of('size'), 1)), () =>
        f.if(
          i32.lt_s(first, of('size')),
          () => f.set(count, i32.add(i32.div_u(i32.sub(i32.sub(of('size'), 1), first), of('dilation')), 1)),
          () => f.set(count, 0),
        ),
      );
      f.if(i32.lt_s(count, 0), () => f.set(count, 0));
      parts[axis] = { first, count, start };
      walk(axis + 1);
      f.set(start, i32.add(start, of('stride')));
    });
  };
  walk(0);
}

function elements(
  f: FunctionBuilder,
  all: Readonly<Record<string, Local<'i32'>>>,
  parts: readonly Part[],
  axis: number,
  from: I32,
  visit: (element: Local<'i32'>) => void,
): void {
  const at = f.let(from);
  const step = f.let(i32.mul(all[`dilation${axis}`], all[`step${axis}`]));
  f.repeat(f.let(parts[axis].count), () => {
    if (axis === parts.length - 1) visit(at);
    else elements(f, all, parts, axis + 1, at, visit);
    f.set(at, i32.add(at, step));
  });
}
