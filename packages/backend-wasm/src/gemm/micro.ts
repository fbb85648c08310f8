import { i32, v128, type Local } from '../assembler/index.js';
import { helper, type Helper } from '../code.js';

/** Rows and columns of the tile that a micro-kernel keeps in registers: 12 vectors, which with 3 more fill the 16 of x86-64. */
export const ROWS = 6;
export const COLUMNS = 8;

/**
 * tile[6][8] = Σₖ a[k][6] · b[k][8], plus what is in the tile if `add` is not 0. Panels are packed, k outermost; `pitch`
 * is the distance in bytes between rows of the tile.
 *
 * The sum starts from the tile, not from 0 with the tile added at the end, which would slow the loop by 1.4 times in V8
 * 11 (Node 20); k is not unrolled for the same reason.
 */
export const micro: Helper = helper({
  name: 'gemm.micro',
  params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
  results: [],
  build(f, target, k, a, b, tile, pitch, add) {
    const sums: Local<'v128'>[] = Array.from({ length: ROWS * 2 }, () => f.local('v128'));
    f.if(add, () => {
      const row = f.let(tile);
      for (let i = 0; i < ROWS; i++) {
        f.set(sums[2 * i], v128.load(row));
        f.set(sums[2 * i + 1], v128.load(row, 16));
        if (i + 1 < ROWS) f.set(row, i32.add(row, pitch));
      }
    });
    const left = f.local('v128');
    const right = f.local('v128');
    const x = f.local('v128');
    f.repeat(k, () => {
      f.set(left, v128.load(b));
      f.set(right, v128.load(b, 16));
      for (let i = 0; i < ROWS; i++) {
        f.set(x, v128.load32_splat(a, 4 * i));
        f.set(sums[2 * i], target.madd(x, left, sums[2 * i]));
        f.set(sums[2 * i + 1], target.madd(x, right, sums[2 * i + 1]));
      }
      f.set(a, i32.add(a, 4 * ROWS));
      f.set(b, i32.add(b, 4 * COLUMNS));
    });
    for (let i = 0; i < ROWS; i++) {
      f.do(v128.store(tile, sums[2 * i]), v128.store(tile, sums[2 * i + 1], 16));
      if (i + 1 < ROWS) f.set(tile, i32.add(tile, pitch));
    }
  },
});
