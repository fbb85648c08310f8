import { type Stage, stage } from '@lemmata/backend-wasm';
import { THREAD_SCRATCH_BYTES } from '@lemmata/backend-wasm/code';
import { COLUMNS, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { accumulate, addParts, weightCodes } from './accumulate.js';
import { inputPanelCodes, outputPanelCodes } from './gradient-panels.js';
import { channelPanels, positionsOf, positionStep, rowPanels, stripPlaces, type Tiling, tilesOf } from './tiling.js';

/** Bytes of transformed x and y that are summed at once: they are to stay in the second-level cache. */
const BLOCK_BYTES = 1024 * 1024;
/** Tiles that are summed at once, at least: the sums so far are loaded and stored for each block. */
const LEAST_TILES = 48;
/** And at most. */
const MOST_TILES = 256;

/** Parts into which tiles are divided, at most, for as many threads to take one each from its tiles to its sums. */
const MOST_PARTS = 8;
/** Tiles of a part, at least. */
const TILES_OF_PART = 64;
/** Bytes of the sums of all parts, at most: they are added up in the end. */
const BYTES_OF_PARTS = 2.5 * 1024 * 1024;

/** Where a part of the strips of tiles has its things in working memory, and how many strips it takes at once. */
interface Division {
  readonly parts: number;
  /** Of a part; the last may have fewer. */
  readonly strips: number;
  /** Of a block. */
  readonly blockStrips: number;
  readonly slots: number;
  readonly xStep: number;
  readonly yStep: number;
  readonly step: number;
  /** In the memory of a part, which begins with transformed x. */
  readonly y: number;
  readonly bytes: number;
  /** Of the sums of a part, which lie behind the memory of all. */
  readonly sums: number;
}

/** Shapes alone decide it, so that sums are taken in the same order on any number of threads. */
function divisionOf(tiling: Tiling): Division {
  const { tile, images, groups, channels, filters } = tiling;
  const [down, across] = tilesOf(tiling);
  const all = images * down;
  const positions = positionsOf(tile);
  const step = positionStep(4 * channelPanels(tiling) * COLUMNS * Math.ceil(filters / ROWS) * ROWS);
  const sums = groups * positions * step;
  const worth = Math.min(MOST_PARTS, (all * across) / TILES_OF_PART, BYTES_OF_PARTS / sums);
  const strips = Math.ceil(all / Math.max(1, Math.floor(worth)));
  const fit = BLOCK_BYTES / (4 * positions * groups * (channels + filters));
  const most = Math.max(1, Math.floor(Math.min(MOST_TILES, Math.max(LEAST_TILES, fit)) / across));
  const blockStrips = Math.ceil(strips / Math.ceil(strips / most));
  const slots = blockStrips * across;
  const xStep = positionStep(4 * channelPanels(tiling) * COLUMNS * slots);
  const yStep = positionStep(4 * rowPanels(filters) * ROWS * slots);
  const y = groups * positions * xStep;
  const bytes = y + groups * positions * yStep;
  return { parts: Math.ceil(all / strips), strips, blockStrips, slots, xStep, yStep, step, y, bytes, sums };
}

/** Bytes of working memory. */
export function weightGradientScratch(tiling: Tiling): number {
  const { parts, bytes, sums } = divisionOf(tiling);
  return parts * (bytes + sums);
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
  const division = divisionOf(tiling);
  const { parts, slots, xStep, yStep, step, blockStrips } = division;
  const positions = positionsOf(tile);
  const panels = channelPanels(tiling);
  const place = stripPlaces(tiling, across);
  const quads = Math.ceil(filters / 4);
  const sumsAt = scratch + parts * division.bytes;
  const stages: Stage[] = [];
  for (let part = 0; part < parts; part++) {
    const [begin, end] = [part * division.strips, Math.min(images * down, (part + 1) * division.strips)];
    const [xAt, to] = [scratch + part * division.bytes, sumsAt + part * division.sums];
    const yAt = xAt + division.y;
    for (let firstStrip = begin; firstStrip < end; firstStrip += blockStrips) {
      const strips = Math.min(blockStrips, end - firstStrip);
      const common = { groups, tilesDown: down, tilesAcross: across, firstStrip, strips, slots };
      const block = [
        stage(
          inputPanelCodes[tile],
          {
            ...common,
            x,
            to: xAt,
            height: input[0],
            width: input[1],
            top: before[0],
            left: before[1],
            channels,
            panels,
            stripsAt: place.at,
            stripBytes: place.bytes,
            vectors: place.vectors,
            step: xStep,
            groupBytes: positions * xStep,
          },
          groups * panels * strips,
          across * COLUMNS * 10,
        ),
        stage(
          outputPanelCodes[tile],
          {
            ...common,
            y,
            to: yAt,
            height: output[0],
            width: output[1],
            filters,
            quads,
            step: yStep,
            groupBytes: positions * yStep,
          },
          groups * quads * strips,
          across * 40,
        ),
        stage(
          accumulate,
          {
            x: xAt,
            y: yAt,
            to,
            tiles: strips * across,
            slots,
            positions,
            channelPanels: panels,
            filterPanels: Math.ceil(filters / ROWS),
            xStep,
            yStep,
            step,
            xGroup: positions * xStep,
            yGroup: positions * yStep,
            group: positions * step,
            add: Number(firstStrip > begin),
          },
          groups * positions,
          (strips * across * channels * filters) / 15,
        ),
      ];
      const first = stages.length === 0;
      stages.push(...(parts === 1 ? block : block.map((one, i) => whole(one, part / parts, first && i === 0))));
    }
  }
  if (parts > 1) {
    const vectors = division.sums / 16;
    stages.push(stage(addParts, { at: sumsAt, parts, bytes: division.sums }, vectors, parts));
  }
  stages.push(
    stage(
      weightCodes[tile],
      {
        from: sumsAt,
        to: w,
        channels,
        filters,
        channelPanels: panels,
        filterPanels: Math.ceil(filters / ROWS),
        step,
        group: positions * step,
      },
      groups * filters,
      channels * 15,
    ),
  );
  return stages;
}

/** A stage of a part, which one thread runs by itself, before the next of the same part. The first one of all opens the line. */
function whole(one: Stage, place: number, opens: boolean): Stage {
  return { ...one, beside: { place, opens, whole: true } };
}
