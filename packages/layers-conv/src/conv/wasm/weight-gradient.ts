import { contiguousStrides, sizeOf } from '@lemmata/shape';
import { type Stage, stage } from '@lemmata/backend-wasm';
import { COLUMNS, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { correlation, outputPanels } from './correlation.js';
import { offsetsStage } from './offsets.js';
import { placeStage, staysPut } from './place.js';
import { align, evenPieces, flattened, type SlidingSum } from './sliding-sum.js';

/** Windows that are summed before the next block of them is taken. */
const DEPTH = 512;
/** Panels of taps that share a block of filters while it lies in the first-level cache, at most. */
const COLUMN_BLOCK = 4;
/** Units of work that a kernel is cut into, if it can. */
const UNITS = 16;

interface Places {
  readonly windows: number;
  readonly taps: number;
  readonly outputs: number;
  readonly bytes: number;
}

function places({ images, filters, placement, output }: SlidingSum): Places {
  const { groups, channels, kernel } = filters;
  const windows = staysPut(placement) ? 0 : align(4 * images * groups * channels * sizeOf(placement.placed));
  const taps = windows + align(4 * sizeOf(output));
  const outputs = taps + align(4 * channels * kernel);
  const rows = groups * Math.ceil(filters.filters / ROWS) * ROWS;
  return { windows, taps, outputs, bytes: outputs + align(4 * rows * images * sizeOf(output)) };
}

/** Bytes of working memory. */
export function weightGradientScratch(given: SlidingSum): number {
  return places(flattened(given)).bytes;
}

/** Stages that compute the gradient of a sliding sum with respect to w, from x and the gradient with respect to y. */
export function weightGradientStages(given: SlidingSum, x: number, y: number, w: number, scratch: number): Stage[] {
  const sum = flattened(given);
  const { images, filters, placement, output, stride, kernel, tapStart, tapStep } = sum;
  const { groups, channels } = filters;
  const at = places(sum);
  const count = channels * filters.kernel;
  const plane = sizeOf(placement.placed);
  const steps = contiguousStrides(placement.placed);
  const windows = sizeOf(output);
  const stages: Stage[] = [];
  let source = x;
  if (at.windows > 0) {
    source = scratch;
    stages.push(placeStage(placement, images * groups * channels, x, source));
  }
  const rowPanels = Math.ceil(filters.filters / ROWS);
  const columnPanels = Math.ceil(count / COLUMNS);
  const columnBlock = Math.max(1, Math.min(COLUMN_BLOCK, Math.floor((groups * columnPanels) / UNITS)));
  const columnBlocks = Math.ceil(columnPanels / columnBlock);
  const total = images * windows;
  stages.push(
    offsetsStage(
      scratch + at.windows,
      output,
      steps.map((step, axis) => step * stride[axis]),
    ),
    offsetsStage(
      scratch + at.taps,
      [channels, ...kernel],
      [plane, ...steps.map((step, axis) => step * tapStep[axis])],
      steps.reduce((start, step, axis) => start + step * tapStart[axis], 0),
    ),
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
        windows: scratch + at.windows,
        taps: scratch + at.taps,
        count,
        plane: windows,
        total,
        width: output[output.length - 1],
        distance: 4 * stride[stride.length - 1],
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
