import { contiguousStrides, sizeOf } from '@lemmata/shape';
import { type Stage, stage } from '@lemmata/backend-wasm';
import { COLUMNS, evenPanels, evenPieces, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { correlation, outputPanels } from './correlation.js';
import { LEAST_ROW } from './direct.js';
import { DOT_FILTERS, DOT_TAPS, dots, outputVectors } from './dot.js';
import { SPARE_WINDOWS, tapsStage, windowEntries, WINDOW_BYTES, windowsStage } from './offsets.js';
import { partOf, placedShape, placeStage, staysPut } from './place.js';
import { align, flattened, type SlidingSum } from './sliding-sum.js';

/** Windows that are summed before the next block of them is taken. */
const DEPTH = 512;
/** Panels of taps that share a panel of filters while it lies in the first-level cache, at most. */
const COLUMN_BLOCK = 8;
/** Panels of filters that share what packing taps costs, at least. */
const LEAST_ROWS = 6;
/** Units of work that a kernel is cut into, if it can. */
const UNITS = 16;
/** Filters of a group up to which packing windows costs more than it saves. */
const FEW_FILTERS = 32;
/** Vectors of windows that are added up before they are added to those of other images, at least. */
const DOT_VECTORS = 256;

/** Whether sums are dot products of rows as they lie. */
function asDots({ filters, output }: SlidingSum): boolean {
  return filters.filters <= FEW_FILTERS && output[output.length - 1] >= LEAST_ROW;
}

const dotFilters = ({ filters }: SlidingSum): number => Math.min(DOT_FILTERS, filters.filters);
const panelsOf = (sum: SlidingSum): number => Math.ceil(sum.filters.filters / dotFilters(sum));

/** Images whose windows stand in the table: for dot products a block of them. */
function imageBlock(sum: SlidingSum): number {
  if (!asDots(sum)) return 1;
  return Math.min(sum.images, Math.ceil(DOT_VECTORS / windowEntries(sum.output, LEAST_ROW)));
}

/** Sizes of the table of windows, and windows of an entry: a vector, or a row. */
const table = (sum: SlidingSum): number[] => [imageBlock(sum), ...sum.output];
const wideOf = (sum: SlidingSum): number => (asDots(sum) ? LEAST_ROW : sum.output[sum.output.length - 1]);

interface Places {
  readonly rows: number;
  readonly taps: number;
  readonly outputs: number;
  readonly bytes: number;
}

function places(sum: SlidingSum): Places {
  const { images, filters, placement, output } = sum;
  const { groups, channels, kernel } = filters;
  const rows = staysPut(placement) ? 0 : align(4 * images * groups * channels * sizeOf(placedShape(placement)));
  const taps = rows + align(WINDOW_BYTES * (windowEntries(table(sum), wideOf(sum)) + SPARE_WINDOWS));
  const outputs = taps + align(4 * channels * kernel);
  const packed = asDots(sum)
    ? groups * panelsOf(sum) * images * windowEntries(output, LEAST_ROW) * LEAST_ROW * dotFilters(sum)
    : groups * Math.ceil(filters.filters / ROWS) * ROWS * images * sizeOf(output);
  return { rows, taps, outputs, bytes: outputs + align(4 * packed) };
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
  stages.push(
    windowsStage(scratch + at.rows, {
      output: table(sum),
      xSteps: [groups * channels * plane, ...steps.map((step, axis) => step * stride[axis])],
      ySteps: contiguousStrides(table(sum)),
      yStart: 0,
      wide: wideOf(sum),
      count,
    }),
    tapsStage(scratch + at.taps, {
      sizes: [channels, ...filters.sizes],
      steps: [plane, ...steps.map((step, axis) => step * tapStep[axis])],
      start: steps.slice(0, last).reduce((start, step, axis) => start + step * tapStart[axis], 0),
      first: tapStart[last],
      split: placement.split,
      part: partOf(placement),
    }),
  );
  const common = { x: source, y: scratch + at.outputs, w, taps: scratch + at.taps, count, filters: filters.filters };
  const total = images * windows;
  if (asDots(sum)) {
    const few = dotFilters(sum);
    const panels = panelsOf(sum);
    const taps = evenPanels(count, DOT_TAPS);
    const vectors = windowEntries(output, LEAST_ROW);
    stages.push(
      stage(
        outputVectors(few, output[last]),
        {
          from: y,
          to: common.y,
          images,
          groups,
          filters: filters.filters,
          panels,
          rows: windows / output[last],
          width: output[last],
        },
        groups * panels * images,
        windows * few * 0.3,
      ),
      stage(
        dots(few, taps.height),
        {
          ...common,
          windows: scratch + at.rows,
          vectors,
          images,
          imageBlock: imageBlock(sum),
          panels,
          tapPanels: taps.count,
          tallTaps: taps.tall,
          xImage: 4 * groups * channels * plane,
          xGroup: 4 * channels * plane,
        },
        groups * panels * taps.count,
        (few * taps.height * total) / 25,
      ),
    );
    return stages;
  }
  const rowPanels = Math.ceil(filters.filters / ROWS);
  const columnPanels = Math.ceil(count / COLUMNS);
  // Each block of taps reads y anew, and each block of filters x: of the larger there is no block more than there has to be.
  const more = filters.filters > count;
  const spread = Math.floor((groups * columnPanels) / UNITS);
  const columnBlock = Math.max(1, Math.min(COLUMN_BLOCK, more ? columnPanels : spread));
  const columnBlocks = Math.ceil(columnPanels / columnBlock);
  const rowBlock = more ? Math.max(LEAST_ROWS, Math.ceil((rowPanels * groups * columnBlocks) / UNITS)) : rowPanels;
  const rowBlocks = Math.ceil(rowPanels / rowBlock);
  stages.push(
    stage(
      outputPanels,
      {
        from: y,
        to: common.y,
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
        ...common,
        rows: scratch + at.rows,
        plane: windows,
        total,
        width: output[output.length - 1],
        imageBytes: 4 * groups * channels * plane,
        groupBytes: 4 * channels * plane,
        rowPanels,
        rowBlock,
        rowBlocks,
        columnPanels,
        columnBlock,
        columnBlocks,
        depthBlock: evenPieces(total, DEPTH),
      },
      groups * rowBlocks * columnBlocks,
      (rowBlock * ROWS * columnBlock * COLUMNS * total) / 10,
    ),
  );
  return stages;
}
