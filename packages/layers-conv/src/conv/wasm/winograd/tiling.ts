import { COLUMNS, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { asideBytes } from './output.js';
import { chunkBytes, chunksOf, MASK_BYTES } from './strips.js';
import type { Tile } from './transforms.js';

/** A convolution with 3 × 3 windows at stride 1, by tiles of its output. Sizes are rows and columns. */
export interface Tiling {
  readonly tile: Tile;
  readonly images: number;
  readonly groups: number;
  /** Of one group. */
  readonly channels: number;
  readonly filters: number;
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
  /** Where the first window begins, in rows and columns before the input. */
  readonly before: readonly [number, number];
}

export const ceilTo = (size: number, multiple: number): number => Math.ceil(size / multiple) * multiple;

export const positionsOf = (tile: Tile): number => (tile + 2) ** 2;

/** Tiles along each axis. */
export const tilesOf = ({ tile, output }: Tiling): readonly [down: number, across: number] => [
  Math.ceil(output[0] / tile),
  Math.ceil(output[1] / tile),
];

/**
 * The distance of positions, for so many bytes each: an odd number of cache lines, so that the positions of one tile do not all
 * fall into the same few places of the cache.
 */
export function positionStep(bytes: number): number {
  const lines = Math.ceil(bytes / 64);
  return 64 * (lines + 1 - (lines % 2));
}

/** Strips of tiles in a thread's own memory, behind masks, a tile aside and a row of zeros: where they begin, and bytes of one. */
export function stripPlaces(
  { tile, input }: Tiling,
  across: number,
): { readonly at: number; readonly bytes: number; readonly vectors: number } {
  const chunks = chunksOf(tile, across);
  return {
    at: ceilTo(MASK_BYTES + asideBytes(tile) + 4 * input[1], 64),
    bytes: chunks * chunkBytes(tile),
    vectors: (chunks * tile) / 4,
  };
}

export const channelPanels = ({ channels }: Tiling): number => Math.ceil(channels / COLUMNS);
export const filterPanels = ({ filters }: Tiling): number => Math.ceil(filters / COLUMNS);

/** Panels of {@link ROWS} into which `count` elements are written four at a time. */
export const rowPanels = (count: number): number => Math.ceil(ceilTo(count, 4) / ROWS);
