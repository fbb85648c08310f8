import { contiguousStrides, sizeOf } from '@lemmata/shape';
import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { i32, type I32 } from '@lemmata/backend-wasm/assembler';
import { COLUMNS, evenPanels, microListed } from '@lemmata/backend-wasm/gemm/micro';
import { filterStage } from './filters.js';
import { packLanesStage, unpackLanesStage } from './lane-layout.js';
import { tapsStage } from './offsets.js';
import { MOST_TAPS, POSITION_BYTES, positions } from './positions.js';
import { align, type SlidingSum } from './sliding-sum.js';

/*
 * The sliding sum with images in the lanes: eight of them are laid out element by element, x[channel][row][column][image].
 * A window of all eight is then two vectors wherever it lies, so that planes of any width fill the vectors, and what meets
 * padding is left out one window at a time, by columns as well as by rows.
 */

/** Filters of a group from which on tiles are high enough. */
const LEAST_FILTERS = 4;
/** What laying out an element takes, in multiply-adds. */
const LAYING_OUT = 4;
/** What it saves must be worth what it adds: tables, and working memory. */
const WORTH = 0.95;
/** Units of work, if there are so many. */
const UNITS = 16;

/** Elements of x from one window to the next. */
const slideOf = ({ stride, placement }: SlidingSum): number[] => [...stride.slice(0, -1), placement.split];

/** Where tap 0 of window 0 lies in x, as it is given. */
const startOf = ({ tapStart, placement }: SlidingSum): number[] =>
  tapStart.map((at, axis) => at - placement.before[axis]);

/** How many kernel elements along an axis meet more than padding, for all its windows together. */
function meetings(sum: SlidingSum, axis: number): number {
  const { filters, output, tapStep, placement } = sum;
  const [start, slide] = [startOf(sum)[axis], slideOf(sum)[axis]];
  let met = 0;
  for (let j = 0; j < output[axis]; j++) {
    for (let k = 0; k < filters.sizes[axis]; k++) {
      const at = start + j * slide + k * tapStep[axis];
      if (at >= 0 && at < placement.size[axis]) met++;
    }
  }
  return met;
}

/** Whether the sums are computed faster so than plane by plane; depends on shapes alone. */
export function paysInLanes(sums: readonly SlidingSum[]): boolean {
  let [here, there] = [0, 0];
  for (const sum of sums) {
    const { images, filters, output, placement, skipsPadding } = sum;
    if (output.length !== 2 || images % COLUMNS !== 0 || placement.every.some((every) => every > 1)) return false;
    if (filters.filters < LEAST_FILTERS || filters.channels * filters.kernel >= MOST_TAPS) return false;
    const [rows, columns] = [meetings(sum, 0), meetings(sum, 1)];
    const all = sizeOf(output) * filters.kernel;
    if (!skipsPadding && rows * columns < all) return false;
    const perTap = filters.groups * filters.filters * filters.channels;
    here += perTap * rows * columns;
    // Plane by plane rows are whole vectors, and whole rows of the kernel are left out.
    there += perTap * rows * filters.sizes[1] * 4 * Math.ceil(output[1] / 4);
  }
  if (sums.length === 0) return false;
  const { filters, placement, target } = sums[0];
  const { groups, channels } = filters;
  here += LAYING_OUT * groups * (channels * sizeOf(placement.size) + filters.filters * target.plane);
  return here < WORTH * there;
}

type LaneField =
  | 'x'
  | 'w'
  | 'y'
  | 'positions'
  | 'taps'
  | 'count'
  | 'rowTaps'
  | 'windows'
  | 'block'
  | 'blocks'
  | 'tall'
  | 'panels'
  | 'groups'
  | 'filters'
  | 'xBytes'
  | 'planeBytes';

/** A unit is a block of windows of a group of eight images. */
function lanesCode(height: number): KernelCode<LaneField> {
  return {
    name: `conv.lanes ${height}`,
    fields: [
      'x',
      'w',
      'y',
      'positions',
      'taps',
      'count',
      'rowTaps',
      'windows',
      'block',
      'blocks',
      'tall',
      'panels',
      'groups',
      'filters',
      'xBytes',
      'planeBytes',
    ],
    build(f, args, begin, end, target) {
      const count = f.let(args.count);
      const planeBytes = f.let(args.planeBytes);
      f.range(begin, end, 1, (unit) => {
        const part = f.let(i32.div_u(unit, args.blocks));
        const x = f.let(i32.add(args.x, i32.mul(part, args.xBytes)));
        const y = f.let(i32.add(args.y, i32.mul(i32.mul(part, args.filters), planeBytes)));
        const group = i32.rem_u(part, args.groups);
        const w = f.let(i32.add(args.w, i32.shl(i32.mul(i32.mul(group, args.filters), count), 2)));
        const first = f.let(i32.mul(i32.rem_u(unit, args.blocks), args.block));
        const windows = f.let(i32.min_u(f.let(i32.sub(args.windows, first)), args.block));
        const panel = (filter: I32, rows: number): void => {
          if (rows === 0) return;
          const at = f.let(filter);
          const weights = f.let(i32.add(w, i32.shl(i32.mul(at, count), 2)));
          const sums = f.let(i32.add(y, i32.mul(at, planeBytes)));
          const entry = f.let(i32.add(args.positions, i32.mul(first, POSITION_BYTES)));
          f.repeat(f.let(windows), () => {
            const from = f.let(i32.add(x, i32.load(entry)));
            const to = f.let(i32.add(sums, i32.load(entry, 4)));
            const tap = f.let(i32.load(entry, 8));
            const shape = f.let(i32.load(entry, 12));
            const taps = f.let(i32.and(shape, MOST_TAPS - 1));
            const left = f.let(i32.shr_u(shape, 16));
            // Whole rows follow each other; a window of padding alone is a sum of nothing.
            f.if(i32.or(i32.eq(taps, args.rowTaps), i32.eqz(left)), () => {
              f.set(taps, i32.mul(taps, left));
              f.set(left, 1);
            });
            const add = f.let(i32.const(0));
            f.repeat(left, () => {
              f.call(
                target.helper(microListed[rows]),
                i32.add(args.taps, i32.shl(tap, 2)),
                taps,
                i32.add(weights, i32.mul(tap, 4 * rows)),
                from,
                to,
                planeBytes,
                add,
              );
              f.set(tap, i32.add(tap, args.rowTaps));
              f.set(add, 1);
            });
            f.set(entry, i32.add(entry, POSITION_BYTES));
          });
        };
        f.range(0, args.panels, 1, (index) =>
          f.if(
            i32.lt_u(index, args.tall),
            () => panel(i32.mul(index, height), height),
            () => panel(i32.add(i32.mul(index, height - 1), args.tall), height - 1),
          ),
        );
      });
    },
  };
}

const codes: KernelCode<LaneField>[] = [];

/** Working memory of one sum after the other, behind x and y in lanes. */
function places(sums: readonly SlidingSum[]): { y: number; tables: number; bytes: number } {
  const { images, filters, placement, target } = sums[0];
  const y = align(4 * images * filters.groups * filters.channels * sizeOf(placement.size));
  const tables = y + align(4 * images * filters.groups * filters.filters * target.plane);
  const needs = sums.map((sum) => {
    const taps = sum.filters.channels * sum.filters.kernel;
    return (
      align(POSITION_BYTES * sizeOf(sum.output)) +
      2 * align(4 * taps) +
      align(4 * filters.groups * filters.filters * taps)
    );
  });
  return { y, tables, bytes: tables + Math.max(...needs) };
}

/** Bytes of working memory. */
export function lanesScratch(sums: readonly SlidingSum[]): number {
  return places(sums).bytes;
}

/** Stages that compute y, all of whose elements are in one of the sums, given where x, w, y and working memory are. */
export function lanesStages(sums: readonly SlidingSum[], x: number, w: number, y: number, scratch: number): Stage[] {
  const at = places(sums);
  const { images, filters, placement, target } = sums[0];
  const parts = images / COLUMNS;
  const [xElements, yElements] = [
    filters.groups * filters.channels * sizeOf(placement.size),
    filters.groups * filters.filters * target.plane,
  ];
  return [
    packLanesStage(parts, xElements, x, scratch),
    ...sums.flatMap((sum) => sumStages(sum, scratch, w, scratch + at.y, scratch + at.tables)),
    unpackLanesStage(parts, yElements, scratch + at.y, y),
  ];
}

function sumStages(sum: SlidingSum, x: number, w: number, y: number, scratch: number): Stage[] {
  const { images, filters, placement, output, tapStep, target } = sum;
  const { groups, channels } = filters;
  const count = channels * filters.kernel;
  const panels = evenPanels(filters.filters);
  const [height, width] = placement.size;
  const [rows, columns] = output;
  const [kernelRows, kernelColumns] = filters.sizes;
  const start = startOf(sum);
  const slide = slideOf(sum);
  const taps = scratch + align(POSITION_BYTES * sizeOf(output));
  const table = taps + align(4 * count);
  const weights = table + align(4 * count);
  // One after the other in x, and in the lists of taps: rows, columns, channels.
  const bytes = 4 * COLUMNS;
  const steps = contiguousStrides([height, width]);
  const list = { sizes: [kernelRows, kernelColumns, channels], first: 0, split: 1, part: 0 };
  const parts = (images / COLUMNS) * groups;
  const block = Math.ceil((rows * columns) / Math.min(rows * columns, Math.ceil(UNITS / parts)));
  const blocks = Math.ceil((rows * columns) / block);
  return [
    stage(
      positions,
      {
        to: scratch,
        rows,
        columns,
        kernelRows,
        kernelColumns,
        channels,
        startRow: start[0],
        startColumn: start[1],
        stepRow: tapStep[0],
        stepColumn: tapStep[1],
        slideRow: slide[0],
        slideColumn: slide[1],
        height,
        width,
        xWindow: bytes,
        xRow: bytes * width,
        yStart: bytes * target.start,
        yRow: bytes * target.steps[0],
        yColumn: bytes * target.steps[1],
      },
      1,
      1,
    ),
    tapsStage(taps, {
      ...list,
      steps: [COLUMNS * steps[0] * tapStep[0], COLUMNS * tapStep[1], COLUMNS * height * width],
      start: COLUMNS * (start[0] * steps[0] + start[1]),
    }),
    tapsStage(table, { ...list, steps: [...filters.steps, filters.channelStep], start: filters.start }),
    filterStage(filters, panels, true, table, w, weights),
    stage(
      (codes[panels.height] ??= lanesCode(panels.height)),
      {
        x,
        w: weights,
        y,
        positions: scratch,
        taps,
        count,
        rowTaps: kernelColumns * channels,
        windows: rows * columns,
        block,
        blocks,
        tall: panels.tall,
        panels: panels.count,
        groups,
        filters: filters.filters,
        xBytes: bytes * channels * height * width,
        planeBytes: bytes * target.plane,
      },
      parts * blocks,
      (block * filters.filters * COLUMNS * count) / 30,
    ),
  ];
}
