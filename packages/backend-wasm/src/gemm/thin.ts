import { i32, v128, type I32, type Local, type V128 } from '../assembler/index.js';
import { helper, type Helper, type KernelCode } from '../code.js';
import { turn } from './pack.js';

/** Rows up to which a product reads its operands in place: too few would share what packing the other one costs. */
export const THIN_ROWS = 4;

/** How the elements of b lie: those of a row side by side, or those of a column. */
export type ThinLayout = 'rows' | 'columns';

/** Vectors of columns in a tile of so many rows: with the operands, sums fill the 15 registers that V8 gives. */
const VECTORS = [0, 8, 6, 3, 2];

/** Columns of a tile: as many as fit, or one vector where there are fewer; `n` are 4 at least, or 8 if b is read by columns. */
export function thinColumns(rows: number, n: number, layout: ThinLayout): number {
  if (layout === 'columns') return 8;
  return n >= 4 * VECTORS[rows] ? 4 * VECTORS[rows] : 4;
}

/**
 * c[rows][columns] = Σₖ a[rows][k] · b[k][columns], operands as they lie. Each sum is taken in the order of k, as the packed
 * product does, so that the layout of an operand changes no bit.
 */
function tile(rows: number, columns: number, layout: ThinLayout, spread: boolean): Helper {
  const vectors = columns / 4;
  return helper({
    name: `gemm.thin ${rows} ${columns} ${layout} ${spread}`,
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    results: [],
    build(f, target, k, a, aRow, aDepth, b, bColumn, bDepth, c, cRow, cColumn) {
      const sums: Local<'v128'>[] = Array.from({ length: rows * vectors }, () => f.local('v128'));
      const at = Array.from({ length: rows }, (_, i) => (i === 0 ? a : f.let(i32.add(a, i32.mul(aRow, i)))));
      const held = Array.from({ length: rows }, () => f.local('v128'));
      const passing = f.local('v128');
      /** Adds a's next column times `of(v)`, a vector of b's next row. */
      const multiply = (of: (v: number) => V128): void => {
        held.forEach((each, i) => {
          f.set(each, v128.load32_splat(at[i]));
          f.set(at[i], i32.add(at[i], aDepth));
        });
        for (let v = 0; v < vectors; v++) {
          f.set(passing, of(v));
          held.forEach((each, i) => f.set(sums[v * rows + i], target.madd(passing, each, sums[v * rows + i])));
        }
      };
      if (layout === 'rows') {
        f.repeat(k, () => {
          multiply((v) => v128.load(b, 16 * v));
          f.set(b, i32.add(b, bDepth));
        });
      } else {
        const lines = Array.from({ length: columns }, (_, j) => (j === 0 ? b : f.let(i32.add(b, i32.mul(bColumn, j)))));
        const step = (bytes: number): void => lines.forEach((line) => f.set(line, i32.add(line, bytes)));
        f.repeat(f.let(i32.shr_u(k, 2)), () => {
          const turned = Array.from({ length: vectors }, (_, v) =>
            turn(
              f,
              lines.slice(4 * v, 4 * v + 4).map((line) => f.let(v128.load(line))),
            ).map((each) => f.let(each)),
          );
          for (let depth = 0; depth < 4; depth++) multiply((v) => turned[v][depth]);
          step(16);
        });
        f.repeat(f.let(i32.and(k, 3)), () => {
          multiply((v) => {
            let lanes = v128.load32_zero(lines[4 * v]);
            for (let lane = 1; lane < 4; lane++) lanes = v128.load32_lane(lines[4 * v + lane], lanes, lane);
            return lanes;
          });
          step(4);
        });
      }
      // In the order of the sums: V8 computes them in that in which they are used, and would else keep all operands at once.
      const ends = Array.from({ length: rows }, (_, i) => (i === 0 ? c : f.let(i32.add(c, i32.mul(cRow, i)))));
      sums.forEach((sum, n) => {
        const to = ends[n % rows];
        if (spread)
          for (let lane = 0; lane < 4; lane++) f.do(v128.store32_lane(i32.add(to, i32.mul(cColumn, lane)), sum, lane));
        else f.do(v128.store(to, sum));
        if (n + rows < sums.length) f.set(to, i32.add(to, i32.shl(cColumn, 2)));
      });
    },
  });
}

export type ThinField =
  | 'a'
  | 'b'
  | 'c'
  | 'k'
  | 'n'
  | 'aRow'
  | 'aDepth'
  | 'bColumn'
  | 'bDepth'
  | 'cRow'
  | 'cColumn'
  | 'aBatch'
  | 'bBatch'
  | 'cBatch'
  | 'tiles';

/** A unit is one tile of a matrix of the batch, all rows of some columns; the last ends with the matrix. */
function thinCode(rows: number, columns: number, layout: ThinLayout, spread: boolean): KernelCode<ThinField> {
  return {
    name: `gemm.thinProduct ${rows} ${columns} ${layout} ${spread}`,
    fields: [
      'a',
      'b',
      'c',
      'k',
      'n',
      'aRow',
      'aDepth',
      'bColumn',
      'bDepth',
      'cRow',
      'cColumn',
      'aBatch',
      'bBatch',
      'cBatch',
      'tiles',
    ],
    build(f, args, begin, end, target) {
      const last = f.let(i32.sub(args.n, columns));
      f.range(begin, end, 1, (unit) => {
        const matrix = f.let(i32.div_u(unit, args.tiles));
        const column = f.let(i32.min_u(f.let(i32.mul(i32.rem_u(unit, args.tiles), columns)), last));
        const of = (from: I32, batch: I32, step: I32): I32 =>
          i32.add(i32.add(from, i32.mul(matrix, batch)), i32.mul(column, step));
        f.call(
          target.helper(tile(rows, columns, layout, spread)),
          args.k,
          i32.add(args.a, i32.mul(matrix, args.aBatch)),
          args.aRow,
          args.aDepth,
          of(args.b, args.bBatch, args.bColumn),
          args.bColumn,
          args.bDepth,
          of(args.c, args.cBatch, args.cColumn),
          args.cRow,
          args.cColumn,
        );
      });
    },
  };
}

const codes = new Map<string, KernelCode<ThinField>>();

/** The kernel for so many rows and columns of a tile; `spread` where the elements of a row of c do not lie side by side. */
export function thin(rows: number, columns: number, layout: ThinLayout, spread: boolean): KernelCode<ThinField> {
  const key = `${rows} ${columns} ${layout} ${spread}`;
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = thinCode(rows, columns, layout, spread)));
  return code;
}
