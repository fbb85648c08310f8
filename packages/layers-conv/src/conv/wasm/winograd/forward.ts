import { once, type Stage, stage, THREAD_SCRATCH_BYTES } from '@lemmata/backend-wasm/code';
import { COLUMNS, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { filterCodes } from './filters.js';
import { productCodes } from './product.js';
import {
  ceilTo,
  filterPanels,
  positionsOf,
  positionStep,
  rowPanels,
  stripPlaces,
  type Tiling,
  tilesOf,
} from './tiling.js';

/** Bytes of transformed x and products that a unit of work should not exceed: they are to stay in the second-level cache. */
const UNIT_BYTES = 800 * 1024;
/** Units that work is cut into, if it can: results do not depend on how many threads there are. */
const UNITS = 16;
/** Tiles of a unit, if so many fit: they share what loading the filters costs. */
const LEAST_TILES = 24;
/** And at most. */
const MOST_TILES = 48;

/** Bytes for both of a thread's own memory; the rest is for strips. */
const ROOM = 0.75 * THREAD_SCRATCH_BYTES;

/** What a unit of work is, and where its parts lie in a thread's own memory. */
interface Unit {
  readonly rowsAtOnce: number;
  readonly columnsAtOnce: number;
  readonly slots: number;
  readonly vStep: number;
  readonly mStep: number;
  readonly vAt: number;
  readonly mAt: number;
  readonly bytes: number;
}

function unitOf(tiling: Tiling): Unit {
  const { tile, channels, images } = tiling;
  const [down, across] = tilesOf(tiling);
  const width = filterPanels(tiling) * COLUMNS;
  const tileBytes = 4 * positionsOf(tile) * (channels + width);
  const wanted = Math.min(UNIT_BYTES / tileBytes, (images * down * across) / UNITS, MOST_TILES);
  const most = Math.max(1, Math.floor(Math.min(Math.max(wanted, LEAST_TILES), ROOM / tileBytes)));
  const columnsAtOnce = across <= most ? across : Math.ceil(across / Math.ceil(across / most));
  const strips = images * down;
  const rowsAtOnce =
    columnsAtOnce < across ? 1 : Math.min(strips, evenRows(across, Math.max(1, Math.floor(most / across))));
  const tiles = rowsAtOnce * columnsAtOnce;
  const slots = ceilTo(tiles, ROWS);
  const vStep = positionStep(4 * rowPanels(tiles) * ROWS * channels);
  const mStep = positionStep(4 * slots * width);
  const place = stripPlaces(tiling, columnsAtOnce);
  const vAt = ceilTo(place.at + rowsAtOnce * place.bytes, 64);
  const mAt = vAt + positionsOf(tile) * vStep;
  return { rowsAtOnce, columnsAtOnce, slots, vStep, mStep, vAt, mAt, bytes: mAt + positionsOf(tile) * mStep };
}

/** Rows of so many tiles, up to a number of them, of which panels waste least; the more the better. */
function evenRows(across: number, most: number): number {
  const fill = (rows: number): number => (rows * across) / ceilTo(rows * across, ROWS);
  let best = most;
  for (let rows = most - 1; rows >= most / 2; rows--) if (fill(rows) > fill(best)) best = rows;
  return best;
}

const filterStep = (tiling: Tiling): number => positionStep(4 * filterPanels(tiling) * COLUMNS * tiling.channels);

/** Bytes of the transformed filters. */
export function forwardKept(tiling: Tiling): number {
  return tiling.groups * positionsOf(tiling.tile) * filterStep(tiling);
}

/** Whether a unit of work fits into a thread's own memory. */
export function forwardFits(tiling: Tiling): boolean {
  return unitOf(tiling).bytes <= THREAD_SCRATCH_BYTES;
}

/** Where weights lie, in elements, and whether windows see them turned round. */
export interface WeightLayout {
  readonly filterStep: number;
  readonly channelStep: number;
  readonly flipped: boolean;
}

/** Stages that compute y from x and w, given where they are, and memory for the transformed filters. */
export function forwardStages(
  tiling: Tiling,
  weights: WeightLayout,
  x: number,
  w: number,
  y: number,
  kept: number,
): Stage[] {
  const { tile, images, groups, channels, filters, input, output, before } = tiling;
  const [down, across] = tilesOf(tiling);
  const { rowsAtOnce, columnsAtOnce, slots, vStep, mStep, vAt, mAt } = unitOf(tiling);
  const panels = filterPanels(tiling);
  const uStep = filterStep(tiling);
  const uBytes = positionsOf(tile) * uStep;
  const columnUnits = Math.ceil(across / columnsAtOnce);
  const units = columnUnits * Math.ceil((images * down) / rowsAtOnce);
  const strips = stripPlaces(tiling, columnsAtOnce);
  return [
    once(
      stage(
        weights.flipped ? filterCodes[tile].flipped : filterCodes[tile].plain,
        {
          from: w,
          to: kept,
          filters,
          channels,
          filterStep: 4 * weights.filterStep,
          channelStep: 4 * weights.channelStep,
          groupStep: 36 * filters * channels,
          panels,
          step: uStep,
          groupBytes: uBytes,
        },
        groups * panels,
        channels * 50,
      ),
    ),
    stage(
      productCodes[tile],
      {
        x,
        u: kept,
        y,
        height: input[0],
        width: input[1],
        top: before[0],
        left: before[1],
        outHeight: output[0],
        outWidth: output[1],
        images,
        groups,
        channels,
        filters,
        tilesDown: down,
        tilesAcross: across,
        rowsAtOnce,
        columnsAtOnce,
        columnUnits,
        units,
        slots,
        stripsAt: strips.at,
        stripBytes: strips.bytes,
        vectors: strips.vectors,
        vAt,
        mAt,
        uStep,
        vStep,
        mStep,
        uBytes,
      },
      groups * units,
      (rowsAtOnce * columnsAtOnce * positionsOf(tile) * channels * filters) / 15,
    ),
  ];
}
