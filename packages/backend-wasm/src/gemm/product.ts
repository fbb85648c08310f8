import { f32, i32, type FunctionBuilder, type I32, type Local } from '../assembler/index.js';
import type { KernelCode } from '../code.js';
import { COLUMNS, micro, ROWS } from './micro.js';

export type ProductField =
  | 'a'
  | 'b'
  | 'c'
  | 'm'
  | 'n'
  | 'k'
  | 'pitch'
  | 'rowPanels'
  | 'columnPanels'
  | 'rowBlock'
  | 'columnBlock'
  | 'depthBlock'
  | 'rowBlocks'
  | 'columnBlocks'
  | 'aBytes'
  | 'bBytes'
  | 'cBytes';

/**
 * c[m][n] = Σₖ a · b of packed panels, for each matrix of a batch. A unit is one block of `rowBlock` × `columnBlock`
 * panels of c. The sum is taken in pieces of `depthBlock`, so that a block of a stays in the second-level cache and a
 * panel of b in the first.
 */
export const product: KernelCode<ProductField> = {
  name: 'gemm.product',
  fields: [
    'a',
    'b',
    'c',
    'm',
    'n',
    'k',
    'pitch',
    'rowPanels',
    'columnPanels',
    'rowBlock',
    'columnBlock',
    'depthBlock',
    'rowBlocks',
    'columnBlocks',
    'aBytes',
    'bBytes',
    'cBytes',
  ],
  runs(f, args, unit, run) {
    const { rowBlocks, columnBlocks } = args;
    const blocks = f.let(i32.mul(rowBlocks, columnBlocks));
    const block = f.let(i32.rem_u(unit, blocks));
    const edge = (at: I32, size: number, limit: I32): Local<'i32'> => f.let(i32.min_u(i32.mul(at, size), limit));
    const row = f.let(i32.mul(i32.div_u(block, columnBlocks), args.rowBlock));
    const column = f.let(i32.mul(i32.rem_u(block, columnBlocks), args.columnBlock));
    const [left, right] = [column, i32.add(column, args.columnBlock)].map((at) => edge(at, COLUMNS, args.n));
    const last = edge(i32.add(row, args.rowBlock), ROWS, args.m);
    const matrix = i32.mul(i32.div_u(unit, blocks), i32.shr_u(args.cBytes, 2));
    f.range(edge(row, ROWS, args.m), last, 1, (at) => {
      const start = f.let(i32.add(matrix, i32.mul(at, i32.shr_u(args.pitch, 2))));
      run(i32.add(start, left), i32.add(start, right));
    });
  },
  build(f, args, begin, end, target) {
    const kernel = target.helper(micro);
    const k = f.let(args.k);
    const pitch = f.let(args.pitch);
    const blocks = f.let(i32.mul(args.rowBlocks, args.columnBlocks));
    f.range(begin, end, 1, (unit) => {
      const matrix = f.let(i32.div_u(unit, blocks));
      const block = f.let(i32.rem_u(unit, blocks));
      const a = f.let(i32.add(args.a, i32.mul(matrix, args.aBytes)));
      const b = f.let(i32.add(args.b, i32.mul(matrix, args.bBytes)));
      const c = f.let(i32.add(args.c, i32.mul(matrix, args.cBytes)));
      const firstRow = f.let(i32.mul(i32.div_u(block, args.columnBlocks), args.rowBlock));
      const firstColumn = f.let(i32.mul(i32.rem_u(block, args.columnBlocks), args.columnBlock));
      const lastRow = f.let(i32.min_u(i32.add(firstRow, args.rowBlock), args.rowPanels));
      const lastColumn = f.let(i32.min_u(i32.add(firstColumn, args.columnBlock), args.columnPanels));
      f.range(0, k, args.depthBlock, (depth) => {
        const depths = f.let(i32.min_u(i32.sub(k, depth), args.depthBlock));
        f.range(firstColumn, lastColumn, 1, (column) => {
          const bPanel = f.let(i32.add(b, i32.mul(i32.add(i32.mul(column, k), depth), 4 * COLUMNS)));
          const columns = f.let(i32.min_u(i32.sub(args.n, i32.mul(column, COLUMNS)), i32.const(COLUMNS)));
          f.range(firstRow, lastRow, 1, (row) => {
            const aPanel = f.let(i32.add(a, i32.mul(i32.add(i32.mul(row, k), depth), 4 * ROWS)));
            const rows = f.let(i32.min_u(i32.sub(args.m, i32.mul(row, ROWS)), i32.const(ROWS)));
            const tile = f.let(i32.add(c, i32.add(i32.mul(i32.mul(row, ROWS), pitch), i32.mul(column, 4 * COLUMNS))));
            f.if(
              i32.and(i32.eq(rows, ROWS), i32.eq(columns, COLUMNS)),
              () => f.call(kernel, depths, aPanel, bPanel, tile, pitch, depth),
              () => {
                // A tile over the edge is computed beside, and the part inside copied.
                const aside = target.scratch;
                f.if(depth, () => copyTile(f, aside, i32.const(4 * COLUMNS), tile, pitch, rows, columns));
                f.call(kernel, depths, aPanel, bPanel, aside, 4 * COLUMNS, depth);
                copyTile(f, tile, pitch, aside, i32.const(4 * COLUMNS), rows, columns);
              },
            );
          });
        });
      });
    });
  },
};

function copyTile(
  f: FunctionBuilder,
  to: I32,
  toPitch: I32,
  from: I32,
  fromPitch: I32,
  rows: Local<'i32'>,
  columns: Local<'i32'>,
): void {
  f.range(0, rows, 1, (row) => {
    const q = f.let(i32.add(to, i32.mul(row, toPitch)));
    const p = f.let(i32.add(from, i32.mul(row, fromPitch)));
    f.range(0, i32.shl(columns, 2), 4, (x) => f.do(f32.store(i32.add(q, x), f32.load(i32.add(p, x)))));
  });
}
