import { contiguousStrides, type Shape } from '@lemmata/shape';
import { type FunctionBuilder, i32, type I32, type Local, v128, type V128 } from '@lemmata/backend-wasm/assembler';
import { loadApart } from '@lemmata/backend-wasm/elementwise/lanes';
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

/** Four neighbours along the last axis, all of whose elements along it are no padding; indices are of the first of them. */
export type FourWindows = Window;

/** How windows lie along the last axis: what code for four of them is written for. */
export interface Spacing {
  readonly stride: 1 | 2 | 'any';
  /** 0 where it is too many to write out. */
  readonly kernel: number;
}

export function spacing({ kernel, stride }: Sliding): Spacing {
  const [along, step] = [kernel[kernel.length - 1], stride[stride.length - 1]];
  return { stride: step <= 2 ? (step as 1 | 2) : 'any', kernel: along <= 4 ? along : 0 };
}

/** The elements at one place of four neighbouring windows, the first of which is at `at`; `step` is their distance in bytes. */
export function loadWindows({ stride }: Spacing, at: I32, step: I32): V128 {
  if (stride === 1) return v128.load(at);
  // Not a byte more than is asked for is read.
  if (stride === 2) return v128.shuffle32(v128.load(at), v128.load(at, 12), [0, 2, 5, 7]);
  return loadApart('float32', at, step)[0];
}

/** Visits the windows of a plane in the order of the output: four at once where that is possible, else one by one. */
export function eachWindow(
  f: FunctionBuilder,
  args: Args,
  rank: number,
  one: (window: Window) => void,
  four?: { readonly spacing: Spacing; visit(windows: FourWindows): void },
): void {
  const all = Object.fromEntries(windowFields(rank).map((field) => [field, f.let(args[field])]));
  const parts: Part[] = [];
  const first = (): I32 =>
    parts.map(({ first }, i): I32 => i32.mul(first, all[`step${i}`])).reduce((a, b) => i32.add(a, b));
  const windowOf = (unrolled: number): Window => ({
    first: first(),
    parts,
    each: (body) => elements(f, all, parts, 0, first(), unrolled, body),
  });
  const walk = (axis: number): void => {
    if (axis === rank) return one(windowOf(0));
    const of = (name: string): Local<'i32'> => all[`${name}${axis}`];
    const start = f.local('i32');
    f.set(start, 0);
    const left = f.let(of('outputs'));
    const single = (): void => {
      parts[axis] = partOf(f, of, start);
      walk(axis + 1);
      f.set(start, i32.add(start, of('stride')));
    };
    if (axis < rank - 1 || four === undefined) {
      f.repeat(left, single);
      return;
    }
    const reach = f.let(i32.add(i32.mul(of('stride'), 3), i32.mul(i32.sub(of('kernel'), 1), of('dilation'))));
    f.while(left, () => {
      const from = f.let(i32.sub(start, of('before')));
      const inside = i32.and(i32.ge_s(from, 0), i32.lt_s(i32.add(from, reach), of('size')));
      f.if(
        i32.and(i32.ge_u(left, 4), inside),
        () => {
          parts[axis] = { first: from, count: of('kernel'), start };
          four.visit(windowOf(four.spacing.kernel));
          f.set(start, i32.add(start, i32.shl(of('stride'), 2)));
          f.set(left, i32.sub(left, 4));
        },
        () => {
          single();
          f.set(left, i32.sub(left, 1));
        },
      );
    });
  };
  walk(0);
}

/** The part of the window that starts at `start` of the padded plane. */
function partOf(f: FunctionBuilder, of: (name: string) => Local<'i32'>, start: Local<'i32'>): Part {
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
  return { first, count, start };
}

/** `unrolled`: how many there are along the last axis; 0: as its part says. */
function elements(
  f: FunctionBuilder,
  all: Readonly<Record<string, Local<'i32'>>>,
  parts: readonly Part[],
  axis: number,
  from: I32,
  unrolled: number,
  visit: (element: Local<'i32'>) => void,
): void {
  const at = f.let(from);
  const step = f.let(i32.mul(all[`dilation${axis}`], all[`step${axis}`]));
  const last = axis === parts.length - 1;
  if (last && unrolled > 0) {
    for (let i = 0; i < unrolled; i++) {
      if (i > 0) f.set(at, i32.add(at, step));
      visit(at);
    }
    return;
  }
  f.repeat(f.let(parts[axis].count), () => {
    if (last) visit(at);
    else elements(f, all, parts, axis + 1, at, unrolled, visit);
    f.set(at, i32.add(at, step));
  });
}
