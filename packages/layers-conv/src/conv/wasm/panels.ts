import { type KernelCode } from '@lemmata/backend-wasm';
import { f32, type FunctionBuilder, i32, type I32, type Local, v128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { COLUMNS, micro, ROWS } from '@lemmata/backend-wasm/gemm/micro';

/** to[tap][8] = what eight windows side by side, the first at x, see of each tap. */
const packSide: Helper = helper({
  name: 'conv.packSide',
  params: ['i32', 'i32', 'i32', 'i32'],
  results: [],
  build(f, _target, count, taps, x, to) {
    const p = f.local('i32');
    f.repeat(count, () => {
      f.set(p, i32.add(x, i32.load(taps)));
      f.do(v128.store(to, v128.load(p)), v128.store(to, v128.load(p, 16), 16));
      f.set(taps, i32.add(taps, 4));
      f.set(to, i32.add(to, 4 * COLUMNS));
    });
  },
});

/** The same for eight windows anywhere. */
const packApart: Helper = helper({
  name: 'conv.packApart',
  params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
  results: [],
  build(f, _target, count, taps, to, ...x) {
    const tap = f.local('i32');
    const lanes = f.local('v128');
    f.repeat(count, () => {
      f.set(tap, i32.load(taps));
      for (const half of [0, 4]) {
        f.set(lanes, v128.load32_zero(i32.add(x[half], tap)));
        for (let lane = 1; lane < 4; lane++) f.set(lanes, v128.load32_lane(i32.add(x[half + lane], tap), lanes, lane));
        f.do(v128.store(to, lanes, 4 * half));
      }
      f.set(taps, i32.add(taps, 4));
      f.set(to, i32.add(to, 4 * COLUMNS));
    });
  },
});

export type PanelField =
  | 'x'
  | 'w'
  | 'y'
  | 'windows'
  | 'taps'
  | 'count'
  | 'plane'
  | 'total'
  | 'groups'
  | 'filters'
  | 'imageBytes'
  | 'groupBytes'
  | 'columnPanels'
  | 'columnBlock'
  | 'columnBlocks'
  | 'rowPanels'
  | 'rowBlock'
  | 'rowBlocks'
  | 'depthBlock';

/** Bytes of a tile that is computed aside, rounded up to whole lines. */
const ASIDE = 256;

/**
 * The sliding sum as a product of matrices, filters × taps and taps × windows, of which the second is packed panel by panel
 * from x as it is needed. Windows of all images are numbered through. A unit is a block of panels of filters and of windows.
 */
export const panels: KernelCode<PanelField> = {
  name: 'conv.panels',
  fields: [
    'x',
    'w',
    'y',
    'windows',
    'taps',
    'count',
    'plane',
    'total',
    'groups',
    'filters',
    'imageBytes',
    'groupBytes',
    'columnPanels',
    'columnBlock',
    'columnBlocks',
    'rowPanels',
    'rowBlock',
    'rowBlocks',
    'depthBlock',
  ],
  build(f, args, begin, end, target) {
    const kernel = target.helper(micro);
    const side = target.helper(packSide);
    const apart = target.helper(packApart);
    const count = f.let(args.count);
    const plane = f.let(args.plane);
    const pitch = f.let(i32.shl(plane, 2));
    const total = f.let(args.total);
    const filters = f.let(args.filters);
    const rowPanels = f.let(args.rowPanels);
    const aside = f.let(target.scratch);
    const packed = f.let(i32.add(target.scratch, ASIDE));
    const panelBytes = f.let(i32.mul(args.depthBlock, 4 * COLUMNS));
    const blocks = f.let(i32.mul(args.rowBlocks, args.columnBlocks));
    f.range(begin, end, 1, (unit) => {
      const group = f.let(i32.div_u(unit, blocks));
      const block = f.let(i32.rem_u(unit, blocks));
      const firstRow = f.let(i32.mul(i32.rem_u(block, args.rowBlocks), args.rowBlock));
      const lastRow = f.let(i32.min_u(i32.add(firstRow, args.rowBlock), rowPanels));
      const firstColumn = f.let(i32.mul(i32.div_u(block, args.rowBlocks), args.columnBlock));
      const lastColumn = f.let(i32.min_u(i32.add(firstColumn, args.columnBlock), args.columnPanels));
      const x = f.let(i32.add(args.x, i32.mul(group, args.groupBytes)));
      const w = f.let(i32.add(args.w, i32.mul(i32.mul(group, rowPanels), i32.mul(count, 4 * ROWS))));
      const windowAt = (window: I32): I32 => {
        const image = f.let(i32.div_u(window, plane));
        const rest = i32.sub(window, i32.mul(image, plane));
        return i32.add(i32.add(x, i32.mul(image, args.imageBytes)), i32.load(i32.add(args.windows, i32.shl(rest, 2))));
      };
      /** Where y of the window is, for the first filter of the group. */
      const outputAt = (window: I32): I32 => {
        const image = f.let(i32.div_u(window, plane));
        const rest = i32.sub(window, i32.mul(image, plane));
        const first = i32.mul(i32.add(i32.mul(image, args.groups), group), filters);
        return i32.add(args.y, i32.shl(i32.add(i32.mul(first, plane), rest), 2));
      };
      f.range(0, count, args.depthBlock, (depth) => {
        const depths = f.let(i32.min_u(i32.sub(count, depth), args.depthBlock));
        const taps = f.let(i32.add(args.taps, i32.shl(depth, 2)));
        const to = f.let(packed);
        f.range(firstColumn, lastColumn, 1, (column) => {
          const first = f.let(i32.mul(column, COLUMNS));
          const starts = Array.from({ length: COLUMNS }, (_, i) =>
            f.let(windowAt(f.let(i32.min_u(i32.add(first, i), i32.sub(total, 1))))),
          );
          const gaps = [1, 2, 3, 4, 5, 6, 7].map((i) => i32.eq(i32.sub(starts[i], starts[0]), 4 * i));
          f.if(
            gaps.reduce((a, b) => i32.and(a, b)),
            () => f.call(side, depths, taps, starts[0], to),
            () => f.call(apart, depths, taps, to, ...starts),
          );
          f.set(to, i32.add(to, panelBytes));
        });
        f.range(firstRow, lastRow, 1, (row) => {
          const a = f.let(i32.add(w, i32.mul(i32.add(i32.mul(row, count), depth), 4 * ROWS)));
          const rows = f.let(i32.min_u(i32.sub(filters, i32.mul(row, ROWS)), i32.const(ROWS)));
          const below = f.let(i32.mul(i32.mul(row, ROWS), pitch));
          const b = f.let(packed);
          f.range(firstColumn, lastColumn, 1, (column) => {
            const first = f.let(i32.mul(column, COLUMNS));
            const inPlane = f.let(i32.sub(plane, i32.rem_u(first, plane)));
            f.if(
              i32.and(i32.ge_s(inPlane, COLUMNS), i32.eq(rows, ROWS)),
              () => f.call(kernel, depths, a, b, i32.add(outputAt(first), below), pitch, depth),
              () => {
                // A tile over an edge is computed aside, and the part inside copied.
                const columns = f.let(i32.min_u(i32.sub(total, first), i32.const(COLUMNS)));
                const exchange = (into: boolean): void =>
                  f.range(0, columns, 1, (j) => {
                    const y = f.let(i32.add(outputAt(i32.add(first, j)), below));
                    tileColumn(f, rows, pitch, y, f.let(i32.add(aside, i32.shl(j, 2))), into);
                  });
                f.if(depth, () => exchange(true));
                f.call(kernel, depths, a, b, aside, 4 * COLUMNS, depth);
                exchange(false);
              },
            );
            f.set(b, i32.add(b, panelBytes));
          });
        });
      });
    });
  },
};

/** One column of a tile, to the tile aside or from it. */
function tileColumn(
  f: FunctionBuilder,
  rows: I32,
  pitch: I32,
  y: Local<'i32'>,
  aside: Local<'i32'>,
  into: boolean,
): void {
  f.repeat(f.let(rows), () => {
    f.do(into ? f32.store(aside, f32.load(y)) : f32.store(y, f32.load(aside)));
    f.set(y, i32.add(y, pitch));
    f.set(aside, i32.add(aside, 4 * COLUMNS));
  });
}
