import { type KernelCode } from '@lemmata/backend-wasm';
import { i32, type I32, memory } from '@lemmata/backend-wasm/assembler';
import { COLUMNS, micro, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { asideBytes, copyTile, outputTile } from './output.js';
import { callStrip, chunkBytes, MASK_BYTES, patch, strip, writeMasks } from './strips.js';
import type { Tile } from './transforms.js';

const FIELDS = [
  'x',
  'u',
  'y',
  'height',
  'width',
  'top',
  'left',
  'outHeight',
  'outWidth',
  'images',
  'groups',
  'channels',
  'filters',
  'tilesDown',
  'tilesAcross',
  'rowsAtOnce',
  'columnsAtOnce',
  'columnUnits',
  'units',
  'slots',
  'stripsAt',
  'stripBytes',
  'vectors',
  'vAt',
  'mAt',
  'uStep',
  'vStep',
  'mStep',
  'uBytes',
] as const;
export type ProductField = (typeof FIELDS)[number];

/**
 * Convolution of x with transformed filters. A unit is a block of tiles of a group, all within the thread's own memory: V, the
 * transformed x, as [position][panel of tiles][channel][{@link ROWS}], is multiplied position by position by the filters, to
 * M as [position][panel of filters][tile][{@link COLUMNS}], from which the outputs follow.
 */
function productCode(tile: Tile): KernelCode<ProductField> {
  const positions = (tile + 2) ** 2;
  return {
    name: `winograd.product ${tile}`,
    fields: FIELDS,
    runs: completed(tile),
    build(f, args, begin, end, target) {
      const kernel = target.helper(micro);
      const toStrip = target.helper(strip(tile));
      const toPatch = target.helper(patch(tile, false));
      const toOutput = target.helper(outputTile(tile));
      const masks = f.let(target.scratch);
      const aside = f.let(i32.add(masks, MASK_BYTES));
      const zeros = f.let(i32.add(aside, asideBytes(tile)));
      const strips = f.let(i32.add(target.scratch, args.stripsAt));
      const v = f.let(i32.add(target.scratch, args.vAt));
      const m = f.let(i32.add(target.scratch, args.mAt));
      writeMasks(f, masks);
      f.do(memory.fill(zeros, 0, i32.shl(args.width, 2)));
      const [height, width] = [f.let(args.height), f.let(args.width)];
      const [channels, filters] = [f.let(args.channels), f.let(args.filters)];
      const [vStep, mStep, slots] = [f.let(args.vStep), f.let(args.mStep), f.let(args.slots)];
      const planeBytes = f.let(i32.shl(i32.mul(height, width), 2));
      const pitch = f.let(i32.shl(args.outWidth, 2));
      const outPlane = f.let(i32.mul(args.outHeight, pitch));
      const panelBytes = f.let(i32.mul(channels, 4 * ROWS));
      const filterPanels = f.let(i32.div_u(i32.add(filters, COLUMNS - 1), i32.const(COLUMNS)));
      const stripBytes = f.let(args.stripBytes);
      f.range(begin, end, 1, (unit) => {
        const group = f.let(i32.div_u(unit, args.units));
        const block = f.let(i32.rem_u(unit, args.units));
        const firstRow = f.let(i32.mul(i32.div_u(block, args.columnUnits), args.rowsAtOnce));
        const rows = f.let(i32.min_u(args.rowsAtOnce, f.let(i32.sub(i32.mul(args.images, args.tilesDown), firstRow))));
        const firstColumn = f.let(i32.mul(i32.rem_u(block, args.columnUnits), args.columnsAtOnce));
        const across = f.let(i32.min_u(args.columnsAtOnce, f.let(i32.sub(args.tilesAcross, firstColumn))));
        const tiles = f.let(i32.mul(rows, across));
        const image = f.let(i32.div_u(firstRow, args.tilesDown));
        const down = f.let(i32.rem_u(firstRow, args.tilesDown));
        const place = {
          height,
          width,
          first: f.let(i32.sub(i32.mul(firstColumn, tile), args.left)),
          vectors: f.let(args.vectors),
          zeros,
          masks,
        };
        /** Calls `body` with each strip's image and place within. */
        const eachStrip = (body: (image: I32, down: I32, strip: I32) => void): void => {
          const [n, i] = [f.let(image), f.let(down)];
          f.range(0, rows, 1, (strip) => {
            body(n, i, strip);
            f.set(i, i32.add(i, 1));
            f.if(i32.eq(i, args.tilesDown), () => {
              f.set(i, 0);
              f.set(n, i32.add(n, 1));
            });
          });
        };

        f.range(0, channels, 1, (channel) => {
          const to = f.let(strips);
          eachStrip((n, i) => {
            const plane = i32.add(i32.mul(i32.add(i32.mul(n, args.groups), group), channels), channel);
            const top = f.let(i32.sub(i32.mul(i, tile), args.top));
            callStrip(f, toStrip, place, f.let(i32.add(args.x, i32.mul(plane, planeBytes))), top, to);
            f.set(to, i32.add(to, stripBytes));
          });
          const from = f.let(strips);
          const left = f.let(across);
          const nextTile = (): void => {
            f.set(from, i32.add(from, chunkBytes(tile)));
            f.set(left, i32.sub(left, 1));
            f.if(i32.eqz(left), () => {
              f.set(left, across);
              f.set(from, i32.add(from, i32.sub(stripBytes, i32.mul(across, chunkBytes(tile)))));
            });
          };
          const base = f.let(i32.add(v, i32.mul(channel, 4 * ROWS)));
          const pairAt = (pair: I32): I32 =>
            i32.add(
              i32.add(base, i32.mul(i32.div_u(pair, i32.const(ROWS / 2)), panelBytes)),
              i32.shl(i32.rem_u(pair, i32.const(ROWS / 2)), 3),
            );
          f.range(0, tiles, 4, (first) => {
            // Tiles beyond the last are read where they would be, and their products never.
            const four = [0, 1, 2, 3].map(() => {
              const at = f.let(from);
              nextTile();
              return at;
            });
            const pair = f.let(i32.shr_u(first, 1));
            f.call(toPatch, pairAt(pair), pairAt(f.let(i32.add(pair, 1))), vStep, ...four);
          });
        });

        f.range(0, positions, 1, (position) => {
          const b = f.let(i32.add(i32.add(args.u, i32.mul(group, args.uBytes)), i32.mul(position, args.uStep)));
          const to = f.let(i32.add(m, i32.mul(position, mStep)));
          f.repeat(f.let(filterPanels), () => {
            const a = f.let(i32.add(v, i32.mul(position, vStep)));
            const at = f.let(to);
            f.range(0, tiles, ROWS, () => {
              f.call(kernel, channels, a, b, at, 4 * COLUMNS, 0);
              f.set(a, i32.add(a, panelBytes));
              f.set(at, i32.add(at, 4 * ROWS * COLUMNS));
            });
            f.set(b, i32.add(b, i32.mul(channels, 4 * COLUMNS)));
            f.set(to, i32.add(to, i32.mul(slots, 4 * COLUMNS)));
          });
        });

        f.range(0, filters, 4, (filter) => {
          const most = f.let(i32.min_u(i32.sub(filters, filter), i32.const(4)));
          // Four filters are half a panel.
          const from = f.let(
            i32.add(
              m,
              i32.add(i32.mul(i32.mul(i32.shr_u(filter, 3), slots), 4 * COLUMNS), i32.shl(i32.and(filter, 4), 2)),
            ),
          );
          eachStrip((n, i) => {
            const plane = i32.add(i32.mul(i32.add(i32.mul(n, args.groups), group), filters), filter);
            const row = f.let(i32.mul(i, tile));
            const rowsLeft = f.let(i32.min_u(f.let(i32.sub(args.outHeight, row)), i32.const(tile)));
            const to = f.let(
              i32.add(
                i32.add(args.y, i32.mul(plane, outPlane)),
                i32.add(i32.mul(row, pitch), i32.mul(firstColumn, 4 * tile)),
              ),
            );
            const columnsLeft = f.let(i32.sub(args.outWidth, i32.mul(firstColumn, tile)));
            f.repeat(f.let(across), () => {
              f.if(
                i32.and(i32.and(i32.eq(rowsLeft, tile), i32.ge_s(columnsLeft, tile)), i32.eq(most, 4)),
                () => f.call(toOutput, from, mStep, to, outPlane, pitch),
                () => {
                  f.call(toOutput, from, mStep, aside, 4 * tile * tile, 4 * tile);
                  const columns = f.let(i32.min_u(columnsLeft, i32.const(tile)));
                  copyTile(
                    f,
                    most,
                    rowsLeft,
                    columns,
                    { at: aside, plane: 4 * tile * tile, pitch: 4 * tile },
                    { at: to, plane: outPlane, pitch },
                  );
                },
              );
              f.set(from, i32.add(from, 4 * COLUMNS));
              f.set(to, i32.add(to, 4 * tile));
              f.set(columnsLeft, i32.sub(columnsLeft, tile));
            });
          });
        });
      });
    },
  };
}

/** Rows of outputs that a unit completes: those of a strip follow each other where it is as wide as the output. */
function completed(tile: Tile): NonNullable<KernelCode<ProductField>['runs']> {
  return (f, args, unit, run) => {
    const group = f.let(i32.div_u(unit, args.units));
    const block = f.let(i32.rem_u(unit, args.units));
    const first = f.let(i32.mul(i32.div_u(block, args.columnUnits), args.rowsAtOnce));
    const last = f.let(i32.min_u(f.let(i32.add(first, args.rowsAtOnce)), f.let(i32.mul(args.images, args.tilesDown))));
    const from = f.let(i32.mul(i32.mul(i32.rem_u(block, args.columnUnits), args.columnsAtOnce), tile));
    const columns = f.let(i32.min_u(f.let(i32.mul(args.columnsAtOnce, tile)), f.let(i32.sub(args.outWidth, from))));
    f.range(first, last, 1, (strip) => {
      const image = f.let(i32.div_u(strip, args.tilesDown));
      const row = f.let(i32.mul(i32.rem_u(strip, args.tilesDown), tile));
      const rows = f.let(i32.min_u(f.let(i32.sub(args.outHeight, row)), i32.const(tile)));
      const length = f.let(columns);
      const count = f.let(rows);
      f.if(i32.eq(columns, args.outWidth), () => {
        f.set(length, i32.mul(columns, rows));
        f.set(count, 1);
      });
      f.range(0, args.filters, 1, (filter) => {
        const plane = i32.add(i32.mul(i32.add(i32.mul(image, args.groups), group), args.filters), filter);
        const begin = f.let(i32.add(i32.mul(i32.add(i32.mul(plane, args.outHeight), row), args.outWidth), from));
        f.repeat(f.let(count), () => {
          run(begin, i32.add(begin, length));
          f.set(begin, i32.add(begin, args.outWidth));
        });
      });
    });
  };
}

export const productCodes: Readonly<Record<Tile, KernelCode<ProductField>>> = { 2: productCode(2), 4: productCode(4) };
