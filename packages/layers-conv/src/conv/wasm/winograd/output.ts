import { f32, type FunctionBuilder, i32, type I32, type Local, v128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { turn } from '@lemmata/backend-wasm/gemm/pack';
import { type Tile, Transforms } from './transforms.js';

/** Bytes of the outputs of a tile of four filters. */
export const asideBytes = (tile: Tile): number => 16 * tile * tile;

/**
 * Outputs of a tile of four filters, whose products lie side by side at `from`, positions `step` bytes apart. Planes of filters are
 * `plane` bytes apart, rows `pitch`.
 */
export function outputTile(tile: Tile): Helper {
  return helper({
    name: `winograd.outputTile ${tile}`,
    params: ['i32', 'i32', 'i32', 'i32', 'i32'],
    results: [],
    build(f, target, from, step, to, plane, pitch) {
      const transforms = new Transforms(f, target, tile);
      const size = tile + 2;
      const products = Array.from({ length: size }, () =>
        Array.from({ length: size }, () => {
          const product = f.let(v128.load(from));
          f.set(from, i32.add(from, step));
          return product;
        }),
      );
      const half = Array.from({ length: size }, (_, j) => transforms.outputBack(products.map((row) => row[j])));
      const filters = [to];
      for (let i = 1; i < 4; i++) filters.push(f.let(i32.add(filters[i - 1], plane)));
      for (let row = 0; row < tile; row++) {
        // Here the lanes are filters, and all that is to come is to be stored.
        const sums = transforms.outputBack(half.map((column) => column[row]));
        storeTurned(f, tile, sums, filters);
        if (row + 1 < tile) for (const filter of filters) f.set(filter, i32.add(filter, pitch));
      }
    },
  });
}

/** Vectors of a row's columns, filters in the lanes, to the rows of these filters. */
function storeTurned(f: FunctionBuilder, tile: Tile, columns: Local<'v128'>[], filters: readonly I32[]): void {
  if (tile === 4) {
    turn(f, columns).forEach((row, i) => f.do(v128.store(filters[i], row)));
    return;
  }
  const [a, b] = columns;
  for (const [first, lanes] of [
    [0, [0, 4, 1, 5]],
    [2, [2, 6, 3, 7]],
  ] as const) {
    const pair = f.let(v128.shuffle32(a, b, lanes));
    f.do(v128.store64_lane(filters[first], pair, 0), v128.store64_lane(filters[first + 1], pair, 1));
  }
}

/** Copies elements of a tile of filters, row by row: for tiles over an edge. */
export function copyTile(
  f: FunctionBuilder,
  filters: I32,
  rows: I32,
  columns: I32,
  from: { readonly at: I32; readonly plane: I32 | number; readonly pitch: I32 | number },
  to: { readonly at: I32; readonly plane: I32 | number; readonly pitch: I32 | number },
): void {
  const p = f.let(from.at);
  const q = f.let(to.at);
  f.repeat(f.let(filters), () => {
    const pRow = f.let(p);
    const qRow = f.let(q);
    f.repeat(f.let(rows), () => {
      f.range(0, i32.shl(columns, 2), 4, (x) => f.do(f32.store(i32.add(qRow, x), f32.load(i32.add(pRow, x)))));
      f.set(pRow, i32.add(pRow, from.pitch));
      f.set(qRow, i32.add(qRow, to.pitch));
    });
    f.set(p, i32.add(p, from.plane));
    f.set(q, i32.add(q, to.plane));
  });
}
