import { contiguousStrides, type Shape, sizeOf } from '@lemmata/shape';
import { once, type Stage, stage } from '@lemmata/backend-wasm/code';
import { COLUMNS, evenPanels, evenPieces, type Panels } from '@lemmata/backend-wasm/gemm/micro';
import { depthwiseStage, isDepthwise } from './depthwise.js';
import { direct, LEAST_ROW, vectorsOf } from './direct.js';
import { type FilterLayout, filterStage, filterTaps, tapAxes } from './filters.js';
import { type Rows, SPARE_WINDOWS, tapsStage, WINDOW_BYTES, windowEntries, windowsStage } from './offsets.js';
import { panels } from './panels.js';
import { partOf, placedShape, type Placement, placeStage, staysPut } from './place.js';

/**
 * y[n, g, f, j] = Σ over c, k of w[g, f, c, k] · x[n, g, c, window j + tap k] with x placed into other planes: a
 * convolution, or its gradient with respect to its input, or to those elements of it that lie `stride` apart.
 */
export interface SlidingSum {
  readonly images: number;
  readonly filters: FilterLayout;
  readonly placement: Placement;
  /** Windows along each axis, and elements from one to the next; along the last axis they are neighbours, once rows are split. */
  readonly output: Shape;
  readonly stride: readonly number[];
  /** Where kernel element 0 lies along each axis, and the next from there; along the last axis before rows are split. */
  readonly tapStart: readonly number[];
  readonly tapStep: readonly number[];
  readonly target: Target;
  /**
   * Whether rows of the kernel that meet padding alone may be left out, as the definition of the gradient has it: in a
   * convolution a weight that is not finite spoils padding too.
   */
  readonly skipsPadding: boolean;
}

/** Where the sums of a plane come to in y, in elements. */
export interface Target {
  readonly plane: number;
  readonly start: number;
  readonly steps: readonly number[];
}

/** Taps that are summed before the next block of filters and windows is taken, where windows are packed. */
const DEPTH = 512;
/** Panels of windows that share a block of filters while it lies in the first-level cache. */
const COLUMN_BLOCK = 8;
/** Units of work that a kernel is cut into, if it can: results do not depend on how many threads there are. */
const UNITS = 16;
/** Bytes of x that are worked on at once, so that they stay in the second-level cache for all filters. */
const BLOCK_BYTES = 128 * 1024;
/** Blocks of vectors are multiples of this, the tiles' least common multiple but for those of one filter. */
const TILES = 6;

/**
 * Kernels of one element see a plane as one row, and a tap is a channel: the sum is the product W · X of matrices [filters, channels] and
 * [channels, plane] of each group of an image. W is packed as the matrix product packs its left operand; X, whose rows are as long as
 * vectors want them, is read where it lies, which no packing for the sum of so few terms as there are channels would pay for.
 */
export function flattened(sum: SlidingSum): SlidingSum {
  const { output, filters, placement, stride, target } = sum;
  const packed = contiguousStrides(output);
  const plain =
    output.length > 1 &&
    filters.kernel === 1 &&
    stride.every((s) => s === 1) &&
    sum.tapStart.every((at) => at === 0) &&
    placement.split === 1 &&
    output.every((n, axis) => n === placement.placed[axis] && target.steps[axis] === packed[axis]);
  if (!plain) return sum;
  const size = [sizeOf(output)];
  // Where planes are placed first, that has its own shapes.
  const flat: Placement = staysPut(placement) ? { size, placed: size, before: [0], every: [1], split: 1 } : placement;
  return {
    ...sum,
    filters: { ...filters, sizes: [1], steps: [1] },
    placement: flat,
    output: size,
    stride: [1],
    tapStart: [0],
    tapStep: [1],
    target: { ...target, steps: [1] },
  };
}

/** Up to a whole line. */
export const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Windows of an entry in the table. */
const wideOf = ({ output }: SlidingSum): number => (output[output.length - 1] >= LEAST_ROW ? LEAST_ROW : 1);

/** Where tables and packed filters lie, behind the table of windows. They depend on w alone. */
function places(
  { filters, output }: SlidingSum,
  wide: number,
): Readonly<Record<'taps' | 'filterTaps' | 'filters' | 'bytes', number>> {
  const { groups, channels, kernel } = filters;
  const taps = align(WINDOW_BYTES * (windowEntries(output, wide) + SPARE_WINDOWS));
  const table = align(4 * channels * kernel);
  const packed = taps + 2 * table;
  const bytes = packed + align(4 * groups * filters.filters * channels * kernel);
  return { taps, filterTaps: taps + table, filters: packed, bytes };
}

/** Bytes of what depends on w alone: none where it is read as it lies. */
export function slidingSumKept(given: SlidingSum): number {
  const sum = flattened(given);
  return isDepthwise(sum) ? 0 : places(sum, wideOf(sum)).bytes;
}

/** Bytes of working memory: of x in placed planes. */
export function slidingSumScratch({ images, filters, placement }: SlidingSum): number {
  if (staysPut(placement)) return 0;
  return align(4 * images * filters.groups * filters.channels * sizeOf(placedShape(placement)));
}

/**
 * Stages that compute y from x and w, given where they are, where working memory is, and memory for what depends on w alone.
 * With `placed`, x lies in placed planes already.
 */
export function slidingSumStages(
  given: SlidingSum,
  x: number,
  w: number,
  y: number,
  scratch: number,
  kept: number,
  placed: boolean = staysPut(given.placement),
): Stage[] {
  const sum = flattened(given);
  const { images, filters, placement, output, stride, tapStart, tapStep, target } = sum;
  const { groups, channels, kernel } = filters;
  const from = placed ? x : scratch;
  const stages = placed ? [] : [placeStage(placement, images * groups * channels, x, scratch)];
  if (isDepthwise(sum)) return [...stages, depthwiseStage(sum, from, w, y)];
  const shape = output.length === placement.size.length ? placedShape(placement) : output;
  const plane = sizeOf(shape);
  const steps = contiguousStrides(shape);
  const last = output.length - 1;
  const wide = wideOf(sum);
  const at = places(sum, wide);
  const panelsOf = evenPanels(filters.filters);
  const rows = wide > 1 ? paddedRows(sum) : null;
  const rowsFirst = rows !== null;
  const groupBytes = 4 * channels * plane;
  const common = {
    x: from,
    y,
    w: kept + at.filters,
    windows: kept,
    taps: kept + at.taps,
    count: channels * kernel,
    groups,
    filters: filters.filters,
    groupBytes,
    planeBytes: 4 * target.plane,
    tall: panelsOf.tall,
    panels: panelsOf.count,
  };
  const tables = [
    windowsStage(common.windows, {
      output,
      xSteps: steps.map((step, axis) => step * stride[axis]),
      ySteps: target.steps,
      yStart: target.start,
      wide,
      count: common.count,
      rows,
    }),
    tapsStage(common.taps, {
      sizes: tapAxes(channels, filters.sizes, rowsFirst),
      steps: tapAxes(
        plane,
        steps.map((step, axis) => step * tapStep[axis]),
        rowsFirst,
      ),
      start: steps.slice(0, last).reduce((start, step, axis) => start + step * tapStart[axis], 0),
      first: tapStart[last],
      split: placement.split,
      part: partOf(placement),
    }),
    tapsStage(kept + at.filterTaps, filterTaps(filters, rowsFirst)),
    filterStage(filters, panelsOf, rowsFirst, kept + at.filterTaps, w, common.w),
  ];
  stages.push(...tables.map(once));
  if (wide > 1) {
    const vectors = windowEntries(output, wide);
    const blocks = directBlocks(sum, panelsOf, vectors, groupBytes);
    const spread = target.steps[last] !== 1;
    stages.push(
      stage(
        direct(panelsOf.height, spread, !spread && blocks.blocks === 1 && target.plane === sizeOf(output)),
        { ...common, ...blocks, vectors, distance: 4 * target.steps[last] },
        images * groups * blocks.blocks * blocks.panelBlocks,
        20 + (blocks.block * blocks.panelBlock * panelsOf.height * wide * common.count) / 30,
      ),
    );
  } else {
    const windows = sizeOf(output);
    const columnPanels = Math.ceil((images * windows) / COLUMNS);
    const columnBlock = Math.max(1, Math.min(COLUMN_BLOCK, Math.floor((groups * columnPanels) / UNITS)));
    const columnBlocks = Math.ceil(columnPanels / columnBlock);
    // Windows are packed anew for each block of filters: they are split only where there are few windows.
    const panelBlock = Math.ceil(
      panelsOf.count / Math.min(Math.ceil(UNITS / (groups * columnBlocks)), Math.ceil(panelsOf.count / 4)),
    );
    const panelBlocks = Math.ceil(panelsOf.count / panelBlock);
    stages.push(
      stage(
        panels(panelsOf.height),
        {
          ...common,
          plane: windows,
          total: images * windows,
          imageBytes: groups * groupBytes,
          columnPanels,
          columnBlock,
          columnBlocks,
          panelBlock,
          panelBlocks,
          depthBlock: evenPieces(common.count, DEPTH),
        },
        groups * columnBlocks * panelBlocks,
        (panelBlock * panelsOf.height * columnBlock * COLUMNS * common.count) / 30,
      ),
    );
  }
  return stages;
}

/** A share of products with padding from which on rows of the kernel that meet nothing else are left out. */
const WORTH_SKIPPING = 0.03;

/** Which rows of the kernel meet more than padding, or null if almost all do. */
function paddedRows(sum: SlidingSum): Rows | null {
  const { filters, placement, output, stride, tapStart, tapStep } = sum;
  if (!sum.skipsPadding) return null;
  if (output.length < 2 || output.length !== placement.size.length || placement.every[0] !== 1) return null;
  const rows: Rows = {
    kernel: filters.sizes[0],
    tapStart: tapStart[0],
    tapStep: tapStep[0],
    slide: stride[0],
    before: placement.before[0],
    size: placement.size[0],
  };
  let met = 0;
  for (let j = 0; j < output[0]; j++) {
    for (let k = 0; k < rows.kernel; k++) {
      const at = j * rows.slide + rows.tapStart + k * rows.tapStep - rows.before;
      if (at >= 0 && at < rows.size) met++;
    }
  }
  return met < (1 - WORTH_SKIPPING) * output[0] * rows.kernel ? rows : null;
}

/** How vectors of windows and panels of filters are cut into units: vectors so that x stays in cache, and both so that there are enough units. */
function directBlocks(
  { images, filters }: SlidingSum,
  rows: Panels,
  vectors: number,
  groupBytes: number,
): { block: number; blocks: number; panelBlock: number; panelBlocks: number } {
  const step = rows.count === 1 ? vectorsOf(rows.height) : TILES;
  const most = Math.ceil(vectors / step);
  const parts = images * filters.groups;
  let pieces = Math.min(most, Math.ceil(groupBytes / BLOCK_BYTES));
  let panelBlocks = 1;
  const lacking = Math.ceil(UNITS / (parts * pieces));
  if (lacking > 1) {
    // What is cut the others' operand is read for once more.
    const weightBytes = 4 * filters.filters * filters.channels * filters.kernel;
    const cutPanels = Math.min(rows.count, lacking);
    const cutPieces = Math.min(most, pieces * lacking);
    if (weightBytes > groupBytes || cutPieces < pieces * lacking) panelBlocks = cutPanels;
    if (panelBlocks < lacking) pieces = Math.min(most, pieces * Math.ceil(lacking / panelBlocks));
  }
  const block = step * Math.ceil(most / pieces);
  const panelBlock = Math.ceil(rows.count / panelBlocks);
  return {
    block,
    blocks: Math.ceil(vectors / block),
    panelBlock,
    panelBlocks: Math.ceil(rows.count / panelBlock),
  };
}
