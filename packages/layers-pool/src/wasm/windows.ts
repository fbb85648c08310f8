import { contiguousStrides, type Shape, sizeOf } from '@lemmata/shape';
import { type FunctionBuilder, i32, type I32, type Local, v128, type V128 } from '@lemmata/backend-wasm/assembler';
import { loadApart } from '@lemmata/backend-wasm/elementwise/lanes';
import type { Sliding } from '../windows.js';

type Args = Readonly<Record<string, I32>>;

/** Names of the arguments that say how windows slide. */
export function windowFields(rank: number): string[] {
  const fields: string[] = [];
  for (let axis = 0; axis < rank; axis++)
    for (const name of ['size', 'outputs', 'kernel', 'stride', 'dilation', 'before', 'step'])
      fields.push(`${name}${axis}`);
  return fields;
}

/** These arguments, for planes of these sizes. */
export function windowArgs(sliding: Sliding, size: Shape, output: Shape): Record<string, number> {
  const steps = contiguousStrides(size);
  const args: Record<string, number> = {};
  size.forEach((n, axis) => {
    args[`size${axis}`] = n;
    args[`outputs${axis}`] = output[axis];
    args[`kernel${axis}`] = sliding.kernel[axis];
    args[`stride${axis}`] = sliding.stride[axis];
    args[`dilation${axis}`] = sliding.dilation[axis];
    args[`before${axis}`] = sliding.padding[axis][0];
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

/** How windows lie: what code is written for. */
export interface Spacing {
  /** Along the last axis. */
  readonly stride: 1 | 2 | 'any';
  /** Whether no window has padding. */
  readonly whole: boolean;
  /** Of windows without padding: how many elements there are along each axis, 0 where that is not written out. */
  readonly kernel: readonly number[];
}

/** Elements that are written out at most. */
const MOST = 9;

export function spacing({ kernel, stride, dilation, padding }: Sliding, size: Shape, output: Shape): Spacing {
  const last = kernel.length - 1;
  const whole = kernel.every((k, axis) => {
    const end = (output[axis] - 1) * stride[axis] + (k - 1) * dilation[axis] + 1;
    return padding[axis][0] === 0 && end <= size[axis];
  });
  const few = sizeOf(kernel) <= MOST;
  return {
    stride: stride[last] <= 2 ? (stride[last] as 1 | 2) : 'any',
    whole,
    kernel: kernel.map((k, axis) => (few || (axis === last && k <= 4) ? k : 0)),
  };
}

/** Equal for equal spacings. */
export function spacingKey({ stride, whole, kernel }: Spacing): string {
  return `${stride} ${kernel.join()}${whole ? ' whole' : ''}`;
}

/** How far each element of a window is from its first, in elements. */
export function offsets(args: Args, kernel: readonly number[]): I32[] {
  return kernel.reduce<I32[]>(
    (before, k, axis) =>
      before.flatMap((offset) =>
        Array.from({ length: k }, (_, i) =>
          i32.add(offset, i32.mul(i32.mul(args[`dilation${axis}`], args[`step${axis}`]), i)),
        ),
      ),
    [i32.const(0)],
  );
}

/** The elements at one place of four neighbouring windows, the first of which is at `at`; `step` is their distance in bytes. */
export function loadWindows({ stride }: Spacing, at: I32, step: I32): V128 {
  if (stride === 1) return v128.load(at);
  // Not a byte more than is asked for is read.
  if (stride === 2) return v128.shuffle32(v128.load(at), v128.load(at, 12), [0, 2, 5, 7]);
  return loadApart('float32', at, step)[0];
}

/** How four neighbouring windows are visited. */
export interface Fours {
  /** `complete`: none has padding, so that all of their elements are those of `Spacing.kernel`. */
  visit(windows: FourWindows, complete: boolean): void;
  /** Goes so many windows back in the output: the last four of a row are visited together, also if some were visited before. */
  back(windows: I32): void;
}

/** Visits the windows of a plane in the order of the output: four at once where that is possible, else one by one. */
export function eachWindow(
  f: FunctionBuilder,
  args: Args,
  spacing: Spacing,
  one: (window: Window) => void,
  four?: Fours,
): void {
  const { kernel, whole } = spacing;
  const rank = kernel.length;
  const all = Object.fromEntries(windowFields(rank).map((field) => [field, f.let(args[field])]));
  const parts: Part[] = [];
  const first = (): I32 =>
    parts.map(({ first }, i): I32 => i32.mul(first, all[`step${i}`])).reduce((a, b) => i32.add(a, b));
  const windowOf = (unrolled: readonly number[]): Window => ({
    first: first(),
    parts,
    each: (body) => elements(f, all, parts, 0, first(), unrolled, body),
  });
  const any = kernel.map(() => 0);
  const walk = (axis: number): void => {
    if (axis === rank) return one(windowOf(whole ? kernel : any));
    const of = (name: string): Local<'i32'> => all[`${name}${axis}`];
    const start = f.local('i32');
    f.set(start, 0);
    const left = f.let(of('outputs'));
    const single = (): void => {
      parts[axis] = whole ? { first: start, count: of('kernel'), start } : partOf(f, of, start);
      walk(axis + 1);
      f.set(start, i32.add(start, of('stride')));
    };
    if (axis < rank - 1 || four === undefined) {
      f.repeat(left, single);
      return;
    }
    if (whole) {
      // The last four end with the row.
      const last = f.let(i32.sub(of('outputs'), 4));
      const fours = (): void =>
        f.range(0, of('outputs'), 4, (j) => {
          const at = f.let(i32.min_u(j, last));
          four.back(i32.sub(j, at));
          f.set(start, i32.mul(at, of('stride')));
          parts[axis] = { first: start, count: of('kernel'), start };
          four.visit(windowOf(kernel), true);
        });
      f.if(i32.ge_s(last, 0), fours, () => f.repeat(left, single));
      return;
    }
    const reach = f.let(i32.add(i32.mul(of('stride'), 3), i32.mul(i32.sub(of('kernel'), 1), of('dilation'))));
    f.while(left, () => {
      const back = f.let(i32.const(0));
      f.if(i32.and(i32.lt_u(left, 4), i32.ge_u(of('outputs'), 4)), () => f.set(back, i32.sub(4, left)));
      const from = f.let(i32.sub(i32.sub(start, of('before')), i32.mul(back, of('stride'))));
      const inside = i32.and(i32.ge_s(from, 0), i32.lt_s(i32.add(from, reach), of('size')));
      f.if(
        i32.and(i32.ge_u(i32.add(left, back), 4), inside),
        () => {
          f.if(back, () => four.back(back));
          f.set(start, i32.add(from, of('before')));
          parts[axis] = { first: from, count: of('kernel'), start };
          const visit = (of: readonly number[], complete: boolean): void => four.visit(windowOf(of), complete);
          const outer = parts.slice(0, -1).map(({ count }, i) => i32.eq(count, all[`kernel${i}`]));
          if (outer.length === 0 || kernel[0] === 0) visit(kernel, outer.length === 0);
          else
            f.if(
              outer.reduce((a, b) => i32.and(a, b)),
              () => visit(kernel, true),
              () => visit([...any.slice(1), kernel[rank - 1]], false),
            );
          f.set(start, i32.add(start, i32.shl(of('stride'), 2)));
          f.set(left, i32.sub(i32.add(left, back), 4));
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

/** `unrolled`: how many there are along each axis; 0: as its part says. */
function elements(
  f: FunctionBuilder,
  all: Readonly<Record<string, Local<'i32'>>>,
  parts: readonly Part[],
  axis: number,
  from: I32,
  unrolled: readonly number[],
  visit: (element: Local<'i32'>) => void,
): void {
  const at = f.let(from);
  const step = f.let(i32.mul(all[`dilation${axis}`], all[`step${axis}`]));
  const each = (): void => {
    if (axis === parts.length - 1) visit(at);
    else elements(f, all, parts, axis + 1, at, unrolled, visit);
  };
  if (unrolled[axis] === 0) {
    f.repeat(f.let(parts[axis].count), () => {
      each();
      f.set(at, i32.add(at, step));
    });
  }
  for (let i = 0; i < unrolled[axis]; i++) {
    if (i > 0) f.set(at, i32.add(at, step));
    each();
  }
}
