import { type KernelCode } from '@lemmata/backend-wasm';
import { f32, type FunctionBuilder, i32, type I32, type Local, v128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { COLUMNS, microRows } from '@lemmata/backend-wasm/gemm/micro';
import { WINDOW_BYTES } from './offsets.js';

/** to[tap][8] = what eight windows anywhere see of each tap. */
const packWindows: Helper = helper({
  name: 'conv.packWindows',
  params: ['i32', 'i32', 'i32', ...new Array<'i32'>(COLUMNS).fill('i32')],
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
  | 'planeBytes'
  | 'total'
  | 'groups'
  | 'filters'
  | 'imageBytes'
  | 'groupBytes'
  | 'columnPanels'
  | 'columnBlock'
  | 'columnBlocks'
  | 'tall'
  | 'panels'
  | 'panelBlock'
  | 'panelBlocks'
  | 'depthBlock';

/** Bytes of a tile that is computed aside, rounded up to whole lines. */
const ASIDE = 256;

/**
 * The sliding sum as a product of matrices, filters × taps and taps × windows, of which the second is packed panel by panel
 * from x as it is needed: for rows that are too narrow for vectors. Windows of all images are numbered through. A unit is
 * a block of panels of filters and of windows.
 */
function panelsCode(height: number): KernelCode<PanelField> {
  return {
    name: `conv.panels ${height}`,
    fields: [
      'x',
      'w',
      'y',
      'windows',
      'taps',
      'count',
      'plane',
      'planeBytes',
      'total',
      'groups',
      'filters',
      'imageBytes',
      'groupBytes',
      'columnPanels',
      'columnBlock',
      'columnBlocks',
      'tall',
      'panels',
      'panelBlock',
      'panelBlocks',
      'depthBlock',
    ],
    build(f, args, begin, end, target) {
      const count = f.let(args.count);
      const plane = f.let(args.plane);
      const pitch = f.let(args.planeBytes);
      const total = f.let(args.total);
      const filters = f.let(args.filters);
      const tall = f.let(args.tall);
      const aside = f.let(target.scratch);
      const packed = f.let(i32.add(target.scratch, ASIDE));
      const panelBytes = f.let(i32.mul(args.depthBlock, 4 * COLUMNS));
      const blocks = f.let(i32.mul(args.panelBlocks, args.columnBlocks));
      f.range(begin, end, 1, (unit) => {
        const group = f.let(i32.div_u(unit, blocks));
        const block = f.let(i32.rem_u(unit, blocks));
        const firstPanel = f.let(i32.mul(i32.rem_u(block, args.panelBlocks), args.panelBlock));
        const lastPanel = f.let(i32.min_u(i32.add(firstPanel, args.panelBlock), args.panels));
        const firstColumn = f.let(i32.mul(i32.div_u(block, args.panelBlocks), args.columnBlock));
        const lastColumn = f.let(i32.min_u(i32.add(firstColumn, args.columnBlock), args.columnPanels));
        const x = f.let(i32.add(args.x, i32.mul(group, args.groupBytes)));
        const w = f.let(i32.add(args.w, i32.shl(i32.mul(i32.mul(group, filters), count), 2)));
        /** The entry of a window in the table, and its image. */
        const entryOf = (window: I32): [entry: Local<'i32'>, image: Local<'i32'>] => {
          const image = f.let(i32.div_u(window, plane));
          return [f.let(i32.add(args.windows, i32.mul(i32.sub(window, i32.mul(image, plane)), WINDOW_BYTES))), image];
        };
        const windowAt = (window: I32): I32 => {
          const [entry, image] = entryOf(window);
          return i32.add(i32.add(x, i32.mul(image, args.imageBytes)), i32.load(entry));
        };
        /** Where y of the window is, for the first filter of the group. */
        const outputAt = (window: I32): I32 => {
          const [entry, image] = entryOf(window);
          const first = i32.mul(i32.add(i32.mul(image, args.groups), group), filters);
          return i32.add(args.y, i32.add(i32.mul(first, pitch), i32.load(entry, 4)));
        };
        f.range(0, count, args.depthBlock, (depth) => {
          const depths = f.let(i32.min_u(i32.sub(count, depth), args.depthBlock));
          const taps = f.let(i32.add(args.taps, i32.shl(depth, 2)));
          const to = f.let(packed);
          f.range(firstColumn, lastColumn, 1, (column) => {
            const first = f.let(i32.mul(column, COLUMNS));
            const starts = Array.from({ length: COLUMNS }, (_, i) =>
              windowAt(f.let(i32.min_u(f.let(i32.add(first, i)), f.let(i32.sub(total, 1))))),
            );
            f.call(target.helper(packWindows), depths, taps, to, ...starts);
            f.set(to, i32.add(to, panelBytes));
          });
          const panel = (filter: I32, rows: number): void => {
            if (rows === 0) return;
            const at = f.let(filter);
            const a = f.let(i32.add(w, i32.shl(i32.add(i32.mul(at, count), i32.mul(depth, rows)), 2)));
            const below = f.let(i32.mul(at, pitch));
            const b = f.let(packed);
            f.range(firstColumn, lastColumn, 1, (column) => {
              const first = f.let(i32.mul(column, COLUMNS));
              const columns = f.let(i32.min_u(f.let(i32.sub(total, first)), i32.const(COLUMNS)));
              const exchange = (into: boolean): void =>
                f.range(0, columns, 1, (j) => {
                  const y = f.let(i32.add(outputAt(f.let(i32.add(first, j))), below));
                  moveColumn(f, rows, pitch, y, f.let(i32.add(aside, i32.shl(j, 2))), into);
                });
              f.if(depth, () => exchange(true));
              f.call(target.helper(microRows[rows]), depths, a, b, aside, 4 * COLUMNS, depth);
              exchange(false);
              f.set(b, i32.add(b, panelBytes));
            });
          };
          f.range(firstPanel, lastPanel, 1, (index) =>
            f.if(
              i32.lt_u(index, tall),
              () => panel(i32.mul(index, height), height),
              () => panel(i32.add(i32.mul(index, height - 1), tall), height - 1),
            ),
          );
        });
      });
    },
  };
}

/** One column of a tile, to the tile aside or from it. */
function moveColumn(f: FunctionBuilder, rows: number, pitch: I32, y: Local<'i32'>, aside: I32, into: boolean): void {
  for (let i = 0; i < rows; i++) {
    const at = 4 * COLUMNS * i;
    f.do(into ? f32.store(aside, f32.load(y), at) : f32.store(y, f32.load(aside, at)));
    if (i + 1 < rows) f.set(y, i32.add(y, pitch));
  }
}

const codes: KernelCode<PanelField>[] = [];

/** The kernel for panels of so many filters. */
export function panels(height: number): KernelCode<PanelField> {
  return (codes[height] ??= panelsCode(height));
}
