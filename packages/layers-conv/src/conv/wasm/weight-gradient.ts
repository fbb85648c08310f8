import { contiguousStrides, sizeOf } from '@lemmata/shape';
import { type Stage, stage } from '@lemmata/backend-wasm';
import { COLUMNS, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { correlation, outputPanels } from './correlation.js';
import { SPARE_WINDOWS, tapsStage, windowsStage } from './offsets.js';
import { partOf, placedShape, placeStage, staysPut } from './place.js';
import { align, evenPieces, flattened, type SlidingSum } from './sliding-sum.js';

/** Windows that are summed before the next block of them is taken. */
const DEPTH = 512;
/** Panels of taps that share a block of filters while it lies in the first-level cache, at most. */
const COLUMN_BLOCK = 4;
/** Units of work that a kernel is cut into, if it can. */
const UNITS = 16;

interface Places {
  readonly rows: number;
  readonly taps: number;
  readonly outputs: number;
  readonly bytes: number;
}

function places({ images, filters, placement, output }: SlidingSum): Places {
  const { groups, channels, kernel } = filters;
  const rows = staysPut(placement) ? 0 : align(4 * images * groups * channels * sizeOf(placedShape(placement)));
  const taps = rows + align(8 * (sizeOf(output.slice(0, -1)) + SPARE_WINDOWS));
  const outputs = taps + align(4 * channels * kernel);
  const filled = groups * Math.ceil(filters.filters / ROWS) * ROWS;
  return { rows, taps, outputs, bytes: outputs + align(4 * filled * images * sizeOf(output)) };
}

/** Bytes of working memory. */
export function weightGradientScratch(given: SlidingSum): number {
  return places(flattened(given)).bytes;
}

/** Stages that compute the gradient of a sliding sum with respect to w, from x and the gradient with respect to y. */
export function weightGradientStages(given: SlidingSum, x: number, y: number, w: number, scratch: number): Stage[] {
  const sum = flattened(given);
  const { images, filters, placement, output, stride, tapStart, tapStep } = sum;
  const { groups, channels } = filters;
  const at = places(sum);
  const count = channels * filters.kernel;
  const shape = output.length === placement.size.length ? placedShape(placement) : output;
  const plane = sizeOf(shape);
  const steps = contiguousStrides(shape);
  const last = output.length - 1;
  const windows = sizeOf(output);
  const stages: Stage[] = [];
  let source = x;
  if (at.rows > 0) {
    source = scratch;
    stages.push(placeStage(placement, images * groups * channels, x, source));
  }
  const rowPanels = Math.ceil(filters.filters / ROWS);
  const columnPanels = Math.ceil(count / COLUMNS);
  const columnBlock = Math.max(1, Math.min(COLUMN_BLOCK, Math.floor((groups * columnPanels) / UNITS)));
  const columnBlocks = Math.ceil(columnPanels / columnBlock);
  const total = images * windows;
  stages.push(
    windowsStage(
      scratch + at.rows,
      output,
      steps.map((step, axis) => step * stride[axis]),
      contiguousStrides(output),
      0,
      output[last],
    ),
    tapsStage(scratch + at.taps, {
      sizes: [channels, ...filters.sizes],
      steps: [plane, ...steps.map((step, axis) => step * tapStep[axis])],
      start: steps.slice(0, last).reduce((start, step, axis) => start + step * tapStart[axis], 0),
      first: tapStart[last],
      split: placement.split,
      part: partOf(placement),
    }),
    stage(
      outputPanels,
      {
        from: y,
        to: scratch + at.outputs,
        images,
        groups,
        filters: filters.filters,
        panels: rowPanels,
        plane: windows,
      },
      groups * rowPanels * images,
      windows * ROWS * 0.5,
    ),
    stage(
      correlation,
      {
        x: source,
        y: scratch + at.outputs,
        w,
        rows: scratch + at.rows,
        taps: scratch + at.taps,
        count,
        plane: windows,
        total,
        width: output[output.length - 1],
        filters: filters.filters,
        imageBytes: 4 * groups * channels * plane,
        groupBytes: 4 * channels * plane,
        rowPanels,
        columnPanels,
        columnBlock,
        columnBlocks,
        depthBlock: evenPieces(total, DEPTH),
      },
      groups * columnBlocks,
      (rowPanels * ROWS * columnBlock * COLUMNS * total) / 10,
    ),
  );
  return stages;
}
