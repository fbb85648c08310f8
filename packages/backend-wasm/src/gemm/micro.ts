import { i32, v128, type Local } from '../assembler/index.js';
import { helper, type Helper } from '../code.js';

/** Rows and columns of the tile that a micro-kernel keeps in registers: 12 vectors, which with 3 more fill the 16 of x86-64. */
export const ROWS = 6;
export const COLUMNS = 8;

/** Rows that are cut into panels as even as can be: the first `tall` have `height` rows, the others one less. */
export interface Panels {
  readonly count: number;
  readonly height: number;
  readonly tall: number;
}

/** As few panels as `most` rows in each allow: 32 rows are 6 + 6 + 5 + 5 + 5 + 5, where six times 6 would compute four more. */
export function evenPanels(rows: number, most: number = ROWS): Panels {
  const count = Math.ceil(rows / most);
  const height = Math.ceil(rows / Math.max(1, count));
  return { count, height, tall: rows - count * (height - 1) };
}

/** The size of the pieces if `total` is cut into as few equal ones as `limit` allows. */
export function evenPieces(total: number, limit: number): number {
  return Math.max(1, Math.ceil(total / Math.max(1, Math.ceil(total / limit))));
}

/**
 * tile[rows][8] = Σₖ a[k][rows] · b[k][8], plus what is in the tile if `add` is not 0. Panels are packed, k outermost; `pitch`
 * is the distance in bytes between rows of the tile.
 *
 * The sum starts from the tile, not from 0 with the tile added at the end, which would slow the loop by 1.4 times in V8
 * 11 (Node 20); k is not unrolled for the same reason.
 */
function microCode(rows: number, listed: boolean): Helper {
  return helper({
    name: `gemm.micro ${rows}${listed ? ' listed' : ''}`,
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'].slice(listed ? 0 : 1) as 'i32'[],
    results: [],
    build(f, target, ...params) {
      const [k, a, b, tile, pitch, add] = params.slice(-6);
      const list = params[0];
      const sums: Local<'v128'>[] = Array.from({ length: rows * 2 }, () => f.local('v128'));
      f.if(add, () => {
        const row = f.let(tile);
        for (let i = 0; i < rows; i++) {
          f.set(sums[2 * i], v128.load(row));
          f.set(sums[2 * i + 1], v128.load(row, 16));
          if (i + 1 < rows) f.set(row, i32.add(row, pitch));
        }
      });
      const left = f.local('v128');
      const right = f.local('v128');
      const x = f.local('v128');
      const at = listed ? f.local('i32') : b;
      f.repeat(k, () => {
        if (listed) f.set(at, i32.add(b, i32.load(list)));
        f.set(left, v128.load(at));
        f.set(right, v128.load(at, 16));
        for (let i = 0; i < rows; i++) {
          f.set(x, v128.load32_splat(a, 4 * i));
          f.set(sums[2 * i], target.madd(x, left, sums[2 * i]));
          f.set(sums[2 * i + 1], target.madd(x, right, sums[2 * i + 1]));
        }
        f.set(a, i32.add(a, 4 * rows));
        if (listed) f.set(list, i32.add(list, 4));
        else f.set(b, i32.add(b, 4 * COLUMNS));
      });
      for (let i = 0; i < rows; i++) {
        f.do(v128.store(tile, sums[2 * i]), v128.store(tile, sums[2 * i + 1], 16));
        if (i + 1 < rows) f.set(tile, i32.add(tile, pitch));
      }
    },
  });
}

/** The micro-kernel for tiles of so many rows. */
export const microRows: readonly Helper[] = Array.from({ length: ROWS + 1 }, (_, rows) => microCode(rows, false));

/** The same with one more parameter, in front: a list of how far behind b, in bytes, row k of it lies. */
export const microListed: readonly Helper[] = Array.from({ length: ROWS + 1 }, (_, rows) => microCode(rows, true));

/** The micro-kernel for whole tiles. */
export const micro: Helper = microRows[ROWS];
