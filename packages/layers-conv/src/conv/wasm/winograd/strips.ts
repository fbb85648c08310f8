import {
  type FunctionBuilder,
  type FunctionRef,
  i32,
  type I32,
  i32x4,
  i8x16,
  type Local,
  select,
  v128,
} from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { turn } from '@lemmata/backend-wasm/gemm/pack';
import { type Tile, Transforms } from './transforms.js';

/** Bytes of what {@link writeMasks} writes. */
export const MASK_BYTES = 48;

/** Masks that move the lanes of a vector by s: those from 16 + 4 s on, for |s| ≤ 4. Lanes from outside become 0. */
export function writeMasks(f: FunctionBuilder, at: I32): void {
  const none = f.let(i32x4.splat(-1));
  let bytes = i32x4.splat(0x03020100);
  for (let lane = 1; lane < 4; lane++) bytes = i32x4.replace_lane(bytes, lane, 0x03020100 + 0x04040404 * lane);
  f.do(v128.store(at, none), v128.store(at, bytes, 16), v128.store(at, none, 32));
}

/** Bytes of the m columns of a strip that belong to one tile: [m + 2 rows][m]. */
export const chunkBytes = (tile: Tile): number => 4 * tile * (tile + 2);

/** Chunks of a strip of so many tiles: a tile reads the first two columns of the chunk behind its own; whole vectors are written. */
export const chunksOf = (tile: Tile, tiles: number): number =>
  tile === 4 ? tiles + 1 : 2 * Math.ceil((tiles + 1) / 2);

/**
 * The vertical half of the input's transform, of a strip of tiles side by side: to[chunk][m + 2][m] = Bᵀ of m + 2 rows of an
 * image, of which the strip starts at column `first`, possibly outside. Outside is 0. Rows begin at the addresses given, and
 * are `width` ≥ 4 columns long.
 */
export function strip(tile: Tile): Helper {
  const size = tile + 2;
  return helper({
    name: `winograd.strip ${tile}`,
    params: ['i32', 'i32', 'i32', 'i32', 'i32', ...new Array<'i32'>(size).fill('i32')],
    results: [],
    build(f, target, to, vectors, first, width, masks, ...rows) {
      const transforms = new Transforms(f, target, tile);
      const lastStart = f.let(i32.sub(width, 4));
      const column = f.let(first);
      const elements = rows.map(() => f.local('v128'));
      f.repeat(vectors, () => {
        const start = f.let(select(i32.lt_s(column, lastStart), column, lastStart));
        f.set(start, select(i32.gt_s(start, 0), start, i32.const(0)));
        const from = f.let(i32.shl(start, 2));
        f.if(
          i32.eq(start, column),
          () => rows.forEach((row, i) => f.set(elements[i], v128.load(i32.add(row, from)))),
          () => {
            // A vector over an edge is loaded inside, and its lanes moved.
            const by = f.let(i32.sub(column, start));
            f.set(by, select(i32.lt_s(by, 4), by, i32.const(4)));
            f.set(by, select(i32.gt_s(by, -4), by, i32.const(-4)));
            const mask = f.let(v128.load(i32.add(masks, i32.shl(by, 2)), 16));
            rows.forEach((row, i) => f.set(elements[i], i8x16.swizzle(v128.load(i32.add(row, from)), mask)));
          },
        );
        transforms.input(elements).forEach((sum, i) => {
          if (tile === 4) f.do(v128.store(to, sum, 16 * i));
          else f.do(v128.store64_lane(to, sum, 0, 8 * i), v128.store64_lane(to, sum, 1, 8 * i + chunkBytes(tile)));
        });
        f.set(to, i32.add(to, (4 / tile) * chunkBytes(tile)));
        f.set(column, i32.add(column, 4));
      });
    },
  });
}

/** What strips of one unit of work have in common. */
export interface StripPlace {
  /** Rows and columns of a plane of x. */
  readonly height: I32;
  readonly width: I32;
  readonly first: I32;
  readonly vectors: I32;
  /** A row of zeros, as wide as x. */
  readonly zeros: I32;
  readonly masks: I32;
}

/** Calls {@link strip} for tiles whose first row is `top`, possibly outside of the plane. */
export function callStrip(
  f: FunctionBuilder,
  callee: FunctionRef,
  { height, width, first, vectors, zeros, masks }: StripPlace,
  plane: I32,
  top: I32,
  to: I32,
): void {
  const rows = callee.params.slice(5).map((_, i) => {
    const row = f.let(i32.add(top, i));
    return f.let(select(i32.lt_u(row, height), i32.add(plane, i32.shl(i32.mul(row, width), 2)), zeros));
  });
  f.call(callee, to, vectors, first, width, masks, ...rows);
}

/**
 * The horizontal half for four tiles, in the lanes, at these addresses in strips: position by position, `step` bytes apart,
 * lanes 0 and 1 go to `low` and 2 and 3 to `high`; `whole`: all go to `low`.
 */
export function patch(tile: Tile, whole: boolean): Helper {
  const size = tile + 2;
  return helper({
    name: `winograd.patch ${tile}${whole ? ' whole' : ''}`,
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    results: [],
    build(f, target, low, high, step, ...tiles) {
      const transforms = new Transforms(f, target, tile);
      for (let row = 0; row < size; row++) {
        transforms.input(columns(f, tile, tiles, row)).forEach((product) => {
          if (whole) f.do(v128.store(low, product));
          else f.do(v128.store64_lane(low, product, 0), v128.store64_lane(high, product, 1));
          f.set(low, i32.add(low, step));
          if (!whole) f.set(high, i32.add(high, step));
        });
      }
    },
  });
}

/** Columns of a row of four tiles, which lie in the lanes. */
function columns(f: FunctionBuilder, tile: Tile, tiles: readonly I32[], row: number): Local<'v128'>[] {
  const next = chunkBytes(tile);
  if (tile === 2) {
    const rows = tiles.map((at) => f.let(v128.load64_lane(at, v128.load64_zero(at, 8 * row), 1, 8 * row + next)));
    return turn(f, rows).map((v) => f.let(v));
  }
  const own = turn(
    f,
    tiles.map((at) => f.let(v128.load(at, 16 * row))),
  ).map((v) => f.let(v));
  const pair = (a: I32, b: I32): Local<'v128'> =>
    f.let(v128.load64_lane(b, v128.load64_zero(a, 16 * row + next), 1, 16 * row + next));
  const [ab, cd] = [pair(tiles[0], tiles[1]), pair(tiles[2], tiles[3])];
  return [...own, f.let(v128.shuffle32(ab, cd, [0, 2, 4, 6])), f.let(v128.shuffle32(ab, cd, [1, 3, 5, 7]))];
}
