import { contiguousStrides, type Shape, sizeOf } from '@lemmata/shape';
import { type Stage, stage } from '@lemmata/backend-wasm';
import { COLUMNS, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { packA } from '@lemmata/backend-wasm/gemm/pack';
import { direct, LEAST_ROW, MOST_FILTERS, panelWidth } from './direct.js';
import { type FilterLayout, filterStage } from './filters.js';
import { offsetsStage } from './offsets.js';
import { panels } from './panels.js';
import { type Placement, placeStage, staysPut } from './place.js';

/**
 * y[n, g, f, j] = Σ over c, k of w[g, f, c, k] · x[n, g, c, window j + tap k] with x placed into larger planes: a
 * convolution, or its gradient with respect to its input.
 */
export interface SlidingSum {
  readonly images: number;
  readonly filters: FilterLayout;
  readonly placement: Placement;
  /** Sizes of an output plane, and elements from one window to the next along each axis. */
  readonly output: Shape;
  readonly stride: readonly number[];
  readonly kernel: Shape;
  /** Where kernel element 0 lies along each axis, and the next from there. */
  readonly tapStart: readonly number[];
  readonly tapStep: readonly number[];
}

/** Filters of a group up to which packing x would cost more than it saves. */
const FEW_FILTERS = 3 * MOST_FILTERS;
/** Taps that are summed before the next block of filters and windows is taken. */
const DEPTH = 512;
/** Panels of windows that share a block of filters while it lies in the first-level cache. */
const COLUMN_BLOCK = 8;
/** Units of work that a kernel is cut into, if it can: results do not depend on how many threads there are. */
const UNITS = 16;

/** Kernels of one element at stride 1 see a plane as one row. */
export function flattened(sum: SlidingSum): SlidingSum {
  const plain = sum.kernel.every((k) => k === 1) && sum.stride.every((s) => s === 1) && staysPut(sum.placement);
  if (!plain || sum.kernel.length === 1) return sum;
  const size = [sizeOf(sum.output)];
  return {
    ...sum,
    placement: { size, placed: size, before: [0], step: [1] },
    output: size,
    stride: [1],
    kernel: [1],
    tapStart: [0],
    tapStep: [1],
  };
}

/** Up to a whole line. */
export const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

interface Places {
  readonly placed: number;
  readonly windows: number;
  readonly taps: number;
  readonly filters: number;
  readonly bytes: number;
}

/** Where things lie in working memory, behind its start. */
function places({ images, filters, placement, output, stride }: SlidingSum): Places {
  const { groups, channels, kernel } = filters;
  // Vectors of every second element are loaded with the one behind them, so that such planes are copied with room there.
  const stays = staysPut(placement) && stride[stride.length - 1] === 1;
  const windows = stays ? 0 : align(4 * images * groups * channels * sizeOf(placement.placed) + 64);
  const taps = windows + align(4 * sizeOf(output));
  const packed = taps + align(4 * channels * kernel);
  const rows = groups * Math.ceil(filters.filters / ROWS) * ROWS;
  return {
    placed: stays ? -1 : 0,
    windows,
    taps,
    filters: packed,
    bytes: packed + align(4 * rows * channels * kernel),
  };
}

/** Bytes of working memory. */
export function slidingSumScratch(given: SlidingSum): number {
  return places(flattened(given)).bytes;
}

/** Stages that compute y from x and w, given where they are and where working memory is. */
export function slidingSumStages(given: SlidingSum, x: number, w: number, y: number, scratch: number): Stage[] {
  const sum = flattened(given);
  const { images, filters, placement, output, stride, kernel, tapStart, tapStep } = sum;
  const { groups, channels } = filters;
  const at = places(sum);
  const count = channels * filters.kernel;
  const plane = sizeOf(placement.placed);
  const steps = contiguousStrides(placement.placed);
  const stages: Stage[] = [];
  let source = x;
  if (at.placed >= 0) {
    source = scratch + at.placed;
    stages.push(placeStage(placement, images * groups * channels, x, source));
  }
  const common = {
    x: source,
    y,
    windows: scratch + at.windows,
    taps: scratch + at.taps,
    w: scratch + at.filters,
    count,
  };
  stages.push(
    offsetsStage(
      common.windows,
      output,
      steps.map((step, axis) => step * stride[axis]),
    ),
    offsetsStage(
      common.taps,
      [channels, ...kernel],
      [plane, ...steps.map((step, axis) => step * tapStep[axis])],
      steps.reduce((start, step, axis) => start + step * tapStart[axis], 0),
    ),
  );
  const width = output[output.length - 1];
  const windows = sizeOf(output);
  const groupBytes = 4 * channels * plane;
  if (filters.filters <= FEW_FILTERS && width >= LEAST_ROW) {
    const rows = windows / width;
    const distance = stride[stride.length - 1];
    stages.push(
      filterStage(filters, panelWidth(filters.filters), false, w, common.w),
      stage(
        direct(filters.filters, distance),
        {
          ...common,
          rows,
          width,
          distance: 4 * distance,
          groups,
          filters: filters.filters,
          groupBytes,
          planeBytes: 4 * windows,
        },
        images * groups * rows,
        20 + (filters.filters * width * count) / 10,
      ),
    );
    return stages;
  }
  const rowPanels = Math.ceil(filters.filters / ROWS);
  const columnPanels = Math.ceil((images * windows) / COLUMNS);
  const columnBlock = Math.max(1, Math.min(COLUMN_BLOCK, Math.floor((groups * columnPanels) / UNITS)));
  const columnBlocks = Math.ceil(columnPanels / columnBlock);
  // Windows are packed anew for each block of filters: they are split only where there are few windows.
  const rowBlock = Math.ceil(
    rowPanels / Math.min(Math.ceil(UNITS / (groups * columnBlocks)), Math.ceil(rowPanels / 4)),
  );
  const rowBlocks = Math.ceil(rowPanels / rowBlock);
  stages.push(
    packedFilters(filters, w, common.w),
    stage(
      panels,
      {
        ...common,
        plane: windows,
        total: images * windows,
        groups,
        filters: filters.filters,
        imageBytes: groups * groupBytes,
        groupBytes,
        columnPanels,
        columnBlock,
        columnBlocks,
        rowPanels,
        rowBlock,
        rowBlocks,
        depthBlock: evenPieces(count, DEPTH),
      },
      groups * columnBlocks * rowBlocks,
      (rowBlock * ROWS * columnBlock * COLUMNS * count) / 12,
    ),
  );
  return stages;
}

/** Filters in panels of {@link ROWS}; in vectors where the elements of a filter follow each other. */
function packedFilters(filters: FilterLayout, from: number, to: number): Stage {
  const { groups, channels, kernel, filterStep, channelStep } = filters;
  if (channelStep !== kernel) return filterStage(filters, ROWS, true, from, to);
  const panelsOfGroup = Math.ceil(filters.filters / ROWS);
  return stage(
    packA,
    {
      from,
      to,
      along: filters.filters,
      depth: channels * kernel,
      alongStride: 4 * filterStep,
      depthStride: 4,
      batchStride: 4 * filters.filters * channels * kernel,
      panels: panelsOfGroup,
    },
    groups * panelsOfGroup,
    ROWS * channels * kernel,
  );
}

/** The size of the pieces if `total` is cut into as few equal ones as `limit` allows. */
export function evenPieces(total: number, limit: number): number {
  return Math.max(1, Math.ceil(total / Math.max(1, Math.ceil(total / limit))));
}
