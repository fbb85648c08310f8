import { f32, i32, type FunctionBuilder, type I32, type Local } from '../assembler/index.js';
import type { KernelCode } from '../code.js';
import { COLUMNS, microRows, ROWS } from './micro.js';

export type ProductField =
  | 'a'
  | 'b'
  | 'c'
  | 'n'
  | 'k'
  | 'pitch'
  | 'tall'
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
function productCode(height: number): KernelCode<ProductField> {
  return {
    name: `gemm.product ${height}`,
    fields: [
      'a',
      'b',
      'c',
      'n',
      'k',
      'pitch',
      'tall',
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
      const panel = f.let(i32.mul(i32.div_u(block, columnBlocks), args.rowBlock));
      const next = f.let(i32.min_u(i32.add(panel, args.rowBlock), args.rowPanels));
      const row = (of: I32): I32 => i32.add(i32.mul(of, height - 1), i32.min_u(of, args.tall));
      const column = f.let(i32.mul(i32.rem_u(block, columnBlocks), args.columnBlock));
      const [left, right] = [column, i32.add(column, args.columnBlock)].map((at) =>
        f.let(i32.min_u(i32.mul(at, COLUMNS), args.n)),
      );
      const matrix = i32.mul(i32.div_u(unit, blocks), i32.shr_u(args.cBytes, 2));
      f.range(f.let(row(panel)), f.let(row(next)), 1, (at) => {
        const start = f.let(i32.add(matrix, i32.mul(at, i32.shr_u(args.pitch, 2))));
        run(i32.add(start, left), i32.add(start, right));
      });
    },
    build(f, args, begin, end, target) {
      const tall = f.let(args.tall);
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
            const panel = (start: I32, rows: number): void => {
              if (rows === 0) return;
              const first = f.let(start);
              const aPanel = f.let(i32.add(a, i32.shl(i32.add(i32.mul(first, k), i32.mul(depth, rows)), 2)));
              const tile = f.let(i32.add(c, i32.add(i32.mul(first, pitch), i32.mul(column, 4 * COLUMNS))));
              const kernel = target.helper(microRows[rows]);
              f.if(
                i32.eq(columns, COLUMNS),
                () => f.call(kernel, depths, aPanel, bPanel, tile, pitch, depth),
                () => {
                  // A tile over the edge is computed beside, and the part inside copied.
                  const aside = target.scratch;
                  f.if(depth, () => copyTile(f, aside, i32.const(4 * COLUMNS), tile, pitch, rows, columns));
                  f.call(kernel, depths, aPanel, bPanel, aside, 4 * COLUMNS, depth);
                  copyTile(f, tile, pitch, aside, i32.const(4 * COLUMNS), rows, columns);
                },
              );
            };
            f.range(firstRow, lastRow, 1, (row) =>
              f.if(
                i32.lt_u(row, tall),
                () => panel(i32.mul(row, height), height),
                () => panel(i32.add(i32.mul(row, height - 1), tall), height - 1),
              ),
            );
          });
        });
      });
    },
  };
}

/** The kernel for panels of so many rows of a, or one less. */
export const product: readonly KernelCode<ProductField>[] = Array.from({ length: ROWS + 1 }, (_, rows) =>
  productCode(rows),
);

function copyTile(
  f: FunctionBuilder,
  to: I32,
  toPitch: I32,
  from: I32,
  fromPitch: I32,
  rows: number,
  columns: Local<'i32'>,
): void {
  f.range(0, i32.const(rows), 1, (row) => {
    const q = f.let(i32.add(to, i32.mul(row, toPitch)));
    const p = f.let(i32.add(from, i32.mul(row, fromPitch)));
    f.range(0, i32.shl(columns, 2), 4, (x) => f.do(f32.store(i32.add(q, x), f32.load(i32.add(p, x)))));
  });
}
