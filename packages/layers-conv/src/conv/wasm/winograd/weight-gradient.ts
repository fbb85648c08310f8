import { type Stage, stage } from '@lemmata/backend-wasm';
import { THREAD_SCRATCH_BYTES } from '@lemmata/backend-wasm/code';
import { COLUMNS, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { accumulate, weightCodes } from './accumulate.js';
import { inputPanelCodes, outputPanelCodes } from './gradient-panels.js';
import { channelPanels, positionsOf, positionStep, rowPanels, stripPlaces, type Tiling, tilesOf } from './tiling.js';

/** Bytes of transformed x and y that are summed at once: they are to stay in the second-level cache. */
const BLOCK_BYTES = 1024 * 1024;
/** Tiles that are summed at once, at least: the sums so far are loaded and stored for each block. */
const LEAST_TILES = 48;
/** And at most. */
const MOST_TILES = 256;

/** A block of strips of tiles, and where things lie in working memory. */
interface Block {
  readonly strips: number;
  readonly slots: number;
  readonly xStep: number;
  readonly yStep: number;
  readonly step: number;
  readonly y: number;
  readonly sums: number;
  readonly bytes: number;
}

function blockOf(tiling: Tiling): Block {
  const { tile, images, groups, channels, filters } = tiling;
  const [down, across] = tilesOf(tiling);
  const all = images * down;
  const positions = positionsOf(tile);
  const fit = BLOCK_BYTES / (4 * positions * groups * (channels + filters));
  const most = Math.max(1, Math.floor(Math.min(MOST_TILES, Math.max(LEAST_TILES, fit)) / across));
  const strips = Math.ceil(all / Math.ceil(all / most));
  const slots = strips * across;
  const xStep = positionStep(4 * channelPanels(tiling) * COLUMNS * slots);
  const yStep = positionStep(4 * rowPanels(filters) * ROWS * slots);
  const step = positionStep(4 * channelPanels(tiling) * COLUMNS * Math.ceil(filters / ROWS) * ROWS);
  const y = groups * positions * xStep;
  const sums = y + groups * positions * yStep;
  return { strips, slots, xStep, yStep, step, y, sums, bytes: sums + groups * positions * step };
}

/** Bytes of working memory. */
export function weightGradientScratch(tiling: Tiling): number {
  return blockOf(tiling).bytes;
}

/** Whether a unit of work fits into a thread's own memory. */
export function weightGradientFits(tiling: Tiling): boolean {
  const strips = stripPlaces(tiling, tilesOf(tiling)[1]);
  return strips.at + 4 * strips.bytes <= THREAD_SCRATCH_BYTES;
}

/** Stages that compute the gradient with respect to w from x and that with respect to y. */
export function weightGradientStages(tiling: Tiling, x: number, y: number, w: number, scratch: number): Stage[] {
  const { tile, images, groups, channels, filters, input, output, before } = tiling;
  const [down, across] = tilesOf(tiling);
  const block = blockOf(tiling);
  const positions = positionsOf(tile);
  const panels = channelPanels(tiling);
  const place = stripPlaces(tiling, across);
  const quads = Math.ceil(filters / 4);
  const stages: Stage[] = [];
  for (let firstStrip = 0; firstStrip < images * down; firstStrip += block.strips) {
    const strips = Math.min(block.strips, images * down - firstStrip);
    const common = { groups, tilesDown: down, tilesAcross: across, firstStrip, strips, slots: block.slots };
    stages.push(
      stage(
        inputPanelCodes[tile],
        {
          ...common,
          x,
          to: scratch,
          height: input[0],
          width: input[1],
          top: before[0],
          left: before[1],
          channels,
          panels,
          stripsAt: place.at,
          stripBytes: place.bytes,
          vectors: place.vectors,
          step: block.xStep,
          groupBytes: positions * block.xStep,
        },
        groups * panels * strips,
        across * COLUMNS * 10,
      ),
      stage(
        outputPanelCodes[tile],
        {
          ...common,
          y,
          to: scratch + block.y,
          height: output[0],
          width: output[1],
          filters,
          quads,
          step: block.yStep,
          groupBytes: positions * block.yStep,
        },
        groups * quads * strips,
        across * 40,
      ),
      stage(
        accumulate,
        {
          x: scratch,
          y: scratch + block.y,
          to: scratch + block.sums,
          tiles: strips * across,
          slots: block.slots,
          positions,
          channelPanels: panels,
          filterPanels: Math.ceil(filters / ROWS),
          xStep: block.xStep,
          yStep: block.yStep,
          step: block.step,
          xGroup: positions * block.xStep,
          yGroup: positions * block.yStep,
          group: positions * block.step,
          add: Number(firstStrip > 0),
        },
        groups * positions,
        (strips * across * channels * filters) / 15,
      ),
    );
  }
  stages.push(
    stage(
      weightCodes[tile],
      {
        from: scratch + block.sums,
        to: w,
        channels,
        filters,
        channelPanels: panels,
        filterPanels: Math.ceil(filters / ROWS),
        step: block.step,
        group: positions * block.step,
      },
      groups * filters,
      channels * 15,
    ),
  );
  return stages;
}
