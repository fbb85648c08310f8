import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { i32, type I32, type Local } from '@lemmata/backend-wasm/assembler';

/**
 * A table of offsets in bytes: `start + Σ index · step` for all indices along `sizes`, the last axis fastest. Along the
 * last axis, element p of a row lies in part `p mod split` of `part` elements.
 */
function tapsCode(rank: number): KernelCode {
  const fields = ['to', 'start', 'first', 'split', 'part'];
  for (let axis = 0; axis < rank; axis++) fields.push(`size${axis}`, `step${axis}`);
  return {
    name: `conv.taps ${rank}`,
    fields,
    build(f, args) {
      const to = f.let(args.to);
      const split = f.let(args.split);
      const walk = (axis: number, from: I32): void => {
        const offset = f.let(from);
        if (axis === rank - 1) {
          const element = f.let(args.first);
          f.repeat(f.let(args[`size${axis}`]), () => {
            const place = f.let(element);
            f.if(i32.gt_u(split, 1), () =>
              f.set(place, i32.add(i32.mul(i32.rem_u(element, split), args.part), i32.div_u(element, split))),
            );
            f.do(i32.store(to, i32.add(offset, i32.shl(place, 2))));
            f.set(to, i32.add(to, 4));
            f.set(element, i32.add(element, args[`step${axis}`]));
          });
          return;
        }
        f.repeat(f.let(args[`size${axis}`]), () => {
          walk(axis + 1, offset);
          f.set(offset, i32.add(offset, args[`step${axis}`]));
        });
      };
      walk(0, args.start);
    },
  };
}

/** Room behind a table of windows: so many entries more than there are may be read, which repeat the last. */
export const SPARE_WINDOWS = 8;

/** Bytes of an entry of the table of windows. */
export const WINDOW_BYTES = 16;

/**
 * A table with an entry for every group of `wide` windows side by side along the last axis, the last group of a row ending
 * with it: two offsets in bytes, in x and in y, and the range of taps that meet more than padding. Along the first axis
 * these are whole rows of the kernel.
 */
function windowsCode(rank: number): KernelCode {
  const fields = ['to', 'yStart', 'wide', 'xWide', 'yWide', 'width'];
  fields.push('kernel', 'rowTaps', 'tapStart', 'tapStep', 'slide', 'before', 'size');
  for (let axis = 0; axis < rank - 1; axis++) fields.push(`size${axis}`, `x${axis}`, `y${axis}`);
  return {
    name: `conv.windows ${rank}`,
    fields,
    build(f, args) {
      const to = f.let(args.to);
      const [atX, atY] = [f.local('i32'), f.local('i32')];
      const kernel = f.let(args.kernel);
      const [first, end] = [f.let(i32.const(0)), f.let(kernel)];
      const entry = (x: I32, y: I32): void => {
        f.set(atX, x);
        f.set(atY, y);
        const taps = (rows: I32): I32 => i32.mul(rows, args.rowTaps);
        f.do(i32.store(to, atX), i32.store(to, atY, 4), i32.store(to, taps(first), 8), i32.store(to, taps(end), 12));
        f.set(to, i32.add(to, WINDOW_BYTES));
      };
      // Where a row of the kernel lies in x: further back the larger its number. So both ends of the range only grow from
      // one window to the next, also where it is empty, and that of a tile begins with its first window's and ends with its last's.
      const place = (base: I32, row: I32): I32 => i32.add(base, i32.mul(row, args.tapStep));
      const walk = (axis: number, x: Local<'i32'>, y: Local<'i32'>): void => {
        if (axis === rank - 1) {
          const last = f.let(i32.sub(args.width, args.wide));
          f.range(0, args.width, args.wide, (j) => {
            const at = f.let(i32.min_u(j, last));
            entry(i32.add(x, i32.mul(at, args.xWide)), i32.add(y, i32.mul(at, args.yWide)));
          });
          return;
        }
        const [p, q] = [f.let(x), f.let(y)];
        const base = f.let(i32.sub(args.tapStart, args.before));
        f.repeat(f.let(args[`size${axis}`]), () => {
          if (axis === 0) {
            f.set(first, 0);
            f.set(end, kernel);
            f.while(i32.and(i32.lt_s(first, kernel), i32.ge_s(place(base, first), args.size)), () =>
              f.set(first, i32.add(first, 1)),
            );
            f.while(i32.and(i32.gt_s(end, first), i32.lt_s(place(base, i32.sub(end, 1)), i32.const(0))), () =>
              f.set(end, i32.sub(end, 1)),
            );
            f.set(base, i32.add(base, args.slide));
          }
          walk(axis + 1, p, q);
          f.set(p, i32.add(p, args[`x${axis}`]));
          f.set(q, i32.add(q, args[`y${axis}`]));
        });
      };
      walk(0, f.let(i32.const(0)), f.let(args.yStart));
      f.repeat(f.let(i32.const(SPARE_WINDOWS)), () => entry(atX, atY));
    },
  };
}

const taps: KernelCode[] = [];
const windows: KernelCode[] = [];

export interface Taps {
  readonly sizes: readonly number[];
  /** In elements, as `start`; along the last axis in elements of a row before it is split. */
  readonly steps: readonly number[];
  readonly start: number;
  /** The first element along the last axis. */
  readonly first: number;
  readonly split: number;
  readonly part: number;
}

/** Writes the table of taps at `to`. */
export function tapsStage(to: number, { sizes, steps, start, first, split, part }: Taps): Stage {
  const rank = sizes.length;
  const args: Record<string, number> = { to, start: 4 * start, first, split, part };
  sizes.forEach((size, axis) => (args[`size${axis}`] = size));
  steps.forEach((step, axis) => (args[`step${axis}`] = axis === rank - 1 ? step : 4 * step));
  // One unit, so that threads do not share it.
  return stage((taps[rank] ??= tapsCode(rank)), args, 1, 1);
}

/** Entries of the table of windows. */
export function windowEntries(output: readonly number[], wide: number): number {
  const rows = output.slice(0, -1).reduce((a, b) => a * b, 1);
  return rows * Math.ceil(output[output.length - 1] / wide);
}

/** Which rows of the kernel, along its first axis, meet a window: row k of window j lies at j · slide + tapStart + k · tapStep, elements at before … before + size − 1. */
export interface Rows {
  readonly kernel: number;
  readonly tapStart: number;
  readonly tapStep: number;
  readonly slide: number;
  readonly before: number;
  readonly size: number;
}

/** All taps as one row that meets every window. */
const ALWAYS: Rows = { kernel: 1, tapStart: 0, tapStep: 0, slide: 0, before: 0, size: 1 };

export interface Windows {
  readonly output: readonly number[];
  /** In elements of 4 bytes, as `yStart`. */
  readonly xSteps: readonly number[];
  readonly ySteps: readonly number[];
  readonly yStart: number;
  readonly wide: number;
  /** Taps there are. */
  readonly count: number;
  /** Rows of taps that may be left out, outermost in the table of taps. Default: none. */
  readonly rows?: Rows | null;
}

/** Writes the table of windows at `to`. */
export function windowsStage(to: number, { output, xSteps, ySteps, yStart, wide, count, rows }: Windows): Stage {
  const rank = output.length;
  const last = rank - 1;
  const { kernel, tapStart, tapStep, slide, before, size } = rows ?? ALWAYS;
  const args: Record<string, number> = {
    to,
    yStart: 4 * yStart,
    wide,
    width: output[last],
    xWide: 4 * xSteps[last],
    yWide: 4 * ySteps[last],
    kernel,
    rowTaps: count / kernel,
    tapStart,
    tapStep,
    slide,
    before,
    size,
  };
  for (let axis = 0; axis < last; axis++) {
    args[`size${axis}`] = output[axis];
    args[`x${axis}`] = 4 * xSteps[axis];
    args[`y${axis}`] = 4 * ySteps[axis];
  }
  return stage((windows[rank] ??= windowsCode(rank)), args, 1, 1);
}
