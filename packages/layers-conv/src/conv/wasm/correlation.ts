import { type KernelCode } from '@lemmata/backend-wasm';
import { f32, f32x4, type FunctionBuilder, i32, type I32, type Local, v128 } from '@lemmata/backend-wasm/assembler';
import { COLUMNS, micro, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { WINDOW_BYTES } from './offsets.js';
import { packRuns } from './runs.js';

/**
 * y[n, g, f, j] in panels of {@link ROWS} filters, each as [image, window][filter]; beyond the last filter of a group it is
 * repeated. A unit is one image of a panel.
 */
export const outputPanels: KernelCode<'from' | 'to' | 'images' | 'groups' | 'filters' | 'panels' | 'plane'> = {
  name: 'conv.outputPanels',
  fields: ['from', 'to', 'images', 'groups', 'filters', 'panels', 'plane'],
  build(f, args, begin, end, target) {
    const pack = target.helper(packRuns[ROWS]);
    const plane = f.let(args.plane);
    const pitch = f.let(i32.shl(plane, 2));
    f.range(begin, end, 1, (unit) => {
      const panel = f.let(i32.div_u(unit, args.images));
      const image = i32.rem_u(unit, args.images);
      const group = f.let(i32.div_u(panel, args.panels));
      const first = f.let(i32.mul(i32.rem_u(panel, args.panels), ROWS));
      const channel = i32.add(i32.mul(i32.add(i32.mul(image, args.groups), group), args.filters), first);
      const from = f.let(i32.add(args.from, i32.mul(channel, pitch)));
      const last = f.let(i32.sub(i32.sub(args.filters, first), 1));
      const rows = Array.from({ length: ROWS }, (_, i) =>
        f.let(i32.add(from, i32.mul(pitch, i32.min_u(i32.const(i), last)))),
      );
      f.call(pack, plane, i32.add(args.to, i32.mul(unit, i32.mul(pitch, ROWS))), ...rows);
    });
  },
};

export type CorrelationField =
  | 'x'
  | 'y'
  | 'w'
  | 'rows'
  | 'taps'
  | 'count'
  | 'plane'
  | 'total'
  | 'width'
  | 'filters'
  | 'imageBytes'
  | 'groupBytes'
  | 'rowPanels'
  | 'rowBlock'
  | 'rowBlocks'
  | 'columnPanels'
  | 'columnBlock'
  | 'columnBlocks'
  | 'depthBlock';

/** Bytes of a tile that is computed aside, rounded up to whole lines. */
const ASIDE = 256;

/**
 * w[g, f, t] = Σ over images and windows j of y[n, g, f, j] · x[n, g, window j + tap t]: a product of matrices, filters ×
 * windows, packed before, and windows × taps, packed here panel by panel. A unit is a block of filters and of taps of a group.
 *
 * Sums of a block of windows are added to what there is, so that they are short: their errors do not grow with the number
 * of windows but with that of blocks.
 */
export const correlation: KernelCode<CorrelationField> = {
  name: 'conv.correlation',
  fields: [
    'x',
    'y',
    'w',
    'rows',
    'taps',
    'count',
    'plane',
    'total',
    'width',
    'filters',
    'imageBytes',
    'groupBytes',
    'rowPanels',
    'rowBlock',
    'rowBlocks',
    'columnPanels',
    'columnBlock',
    'columnBlocks',
    'depthBlock',
  ],
  build(f, args, begin, end, target) {
    const kernel = target.helper(micro);
    const pack = target.helper(packRuns[COLUMNS]);
    const plane = f.let(args.plane);
    const width = f.let(args.width);
    const total = f.let(args.total);
    const count = f.let(args.count);
    const filters = f.let(args.filters);
    const rowPanels = f.let(args.rowPanels);
    const aside = f.let(target.scratch);
    const packed = f.let(i32.add(target.scratch, ASIDE));
    const panelBytes = f.let(i32.mul(args.depthBlock, 4 * COLUMNS));
    const pitch = f.let(i32.shl(count, 2));
    f.range(begin, end, 1, (unit) => {
      const above = f.let(i32.div_u(unit, args.columnBlocks));
      const group = f.let(i32.div_u(above, args.rowBlocks));
      const firstRow = f.let(i32.mul(i32.rem_u(above, args.rowBlocks), args.rowBlock));
      const lastRow = f.let(i32.min_u(i32.add(firstRow, args.rowBlock), rowPanels));
      const firstColumn = f.let(i32.mul(i32.rem_u(unit, args.columnBlocks), args.columnBlock));
      const lastColumn = f.let(i32.min_u(i32.add(firstColumn, args.columnBlock), args.columnPanels));
      const x = f.let(i32.add(args.x, i32.mul(group, args.groupBytes)));
      const w = f.let(i32.add(args.w, i32.mul(i32.mul(group, filters), pitch)));
      f.range(0, total, args.depthBlock, (first) => {
        const depths = f.let(i32.min_u(i32.sub(total, first), args.depthBlock));
        const to = f.let(packed);
        f.range(firstColumn, lastColumn, 1, (column) => {
          const taps = Array.from({ length: COLUMNS }, (_, i) => {
            const tap = i32.min_u(f.let(i32.add(i32.mul(column, COLUMNS), i)), f.let(i32.sub(count, 1)));
            return f.let(i32.load(i32.add(args.taps, i32.shl(tap, 2))));
          });
          const at = f.let(to);
          const window = f.let(first);
          const left = f.let(depths);
          // Runs of windows end with the row.
          f.while(left, () => {
            const image = f.let(i32.div_u(window, plane));
            const inPlane = f.let(i32.sub(window, i32.mul(image, plane)));
            const row = f.let(i32.div_u(inPlane, width));
            const inRow = f.let(i32.sub(inPlane, i32.mul(row, width)));
            const run = f.let(i32.min_u(f.let(i32.sub(width, inRow)), left));
            const start = f.let(
              i32.add(
                i32.add(x, i32.mul(image, args.imageBytes)),
                i32.add(i32.load(i32.add(args.rows, i32.mul(row, WINDOW_BYTES))), i32.shl(inRow, 2)),
              ),
            );
            f.call(pack, run, at, ...taps.map((tap) => i32.add(start, tap)));
            f.set(at, i32.add(at, i32.mul(run, 4 * COLUMNS)));
            f.set(window, i32.add(window, run));
            f.set(left, i32.sub(left, run));
          });
          f.set(to, i32.add(to, panelBytes));
        });
        f.range(firstRow, lastRow, 1, (row) => {
          const panel = i32.add(i32.mul(i32.add(i32.mul(group, rowPanels), row), total), first);
          const a = f.let(i32.add(args.y, i32.mul(panel, 4 * ROWS)));
          const rows = f.let(i32.min_u(i32.sub(filters, i32.mul(row, ROWS)), i32.const(ROWS)));
          const b = f.let(packed);
          f.range(firstColumn, lastColumn, 1, (column) => {
            f.call(kernel, depths, a, b, aside, 4 * COLUMNS, 0);
            const columns = f.let(i32.min_u(i32.sub(count, i32.mul(column, COLUMNS)), i32.const(COLUMNS)));
            const tile = f.let(i32.add(w, i32.add(i32.mul(i32.mul(row, ROWS), pitch), i32.mul(column, 4 * COLUMNS))));
            addTile(f, first, rows, columns, tile, pitch, aside);
            f.set(b, i32.add(b, panelBytes));
          });
        });
      });
    });
  },
};

/** tile += aside, or = where `add` is 0. */
function addTile(
  f: FunctionBuilder,
  add: I32,
  rows: Local<'i32'>,
  columns: Local<'i32'>,
  tile: Local<'i32'>,
  pitch: I32,
  aside: I32,
): void {
  const from = f.let(aside);
  f.repeat(f.let(rows), () => {
    f.if(
      i32.eq(columns, COLUMNS),
      () =>
        f.if(
          add,
          () => {
            for (const at of [0, 16]) f.do(v128.store(tile, f32x4.add(v128.load(tile, at), v128.load(from, at)), at));
          },
          () => {
            for (const at of [0, 16]) f.do(v128.store(tile, v128.load(from, at), at));
          },
        ),
      () => {
        const p = f.let(from);
        const q = f.let(tile);
        f.repeat(f.let(columns), () => {
          f.if(
            add,
            () => f.do(f32.store(q, f32.add(f32.load(q), f32.load(p)))),
            () => f.do(f32.store(q, f32.load(p))),
          );
          f.set(p, i32.add(p, 4));
          f.set(q, i32.add(q, 4));
        });
      },
    );
    f.set(tile, i32.add(tile, pitch));
    f.set(from, i32.add(from, 4 * COLUMNS));
  });
}
