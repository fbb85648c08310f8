import { type KernelCode } from '@lemmata/backend-wasm';
import { f32x4, i32, type I32, memory, v128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { COLUMNS, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { turn } from '@lemmata/backend-wasm/gemm/pack';
import { asideBytes, copyTile } from './output.js';
import { callStrip, chunkBytes, MASK_BYTES, patch, strip, writeMasks } from './strips.js';
import { type Tile, Transforms } from './transforms.js';

/*
 * The two operands of the weight's gradient, whose sum runs over tiles: four channels or four filters of a tile lie in the lanes. A
 * unit is a strip of tiles of a panel; strips of all images are numbered through, and a call takes some of them.
 */

const INPUT_FIELDS = [
  'x',
  'to',
  'height',
  'width',
  'top',
  'left',
  'groups',
  'channels',
  'panels',
  'tilesDown',
  'tilesAcross',
  'firstStrip',
  'strips',
  'stripsAt',
  'stripBytes',
  'vectors',
  'slots',
  'step',
  'groupBytes',
] as const;
export type InputPanelField = (typeof INPUT_FIELDS)[number];

/** Bᵀ x B as [group][position][panel of channels][tile][{@link COLUMNS}]. Beyond the last channel it is repeated. */
function inputPanelCode(tile: Tile): KernelCode<InputPanelField> {
  return {
    name: `winograd.inputPanels ${tile}`,
    fields: INPUT_FIELDS,
    build(f, args, begin, end, target) {
      const toStrip = target.helper(strip(tile));
      const toPatch = target.helper(patch(tile, true));
      const masks = f.let(target.scratch);
      const zeros = f.let(i32.add(masks, MASK_BYTES));
      const strips = f.let(i32.add(target.scratch, args.stripsAt));
      writeMasks(f, masks);
      f.do(memory.fill(zeros, 0, i32.shl(args.width, 2)));
      const [height, width] = [f.let(args.height), f.let(args.width)];
      const place = {
        height,
        width,
        first: f.let(i32.sub(0, args.left)),
        vectors: f.let(args.vectors),
        zeros,
        masks,
      };
      const planeBytes = f.let(i32.shl(i32.mul(height, width), 2));
      const [step, stripBytes, channels] = [f.let(args.step), f.let(args.stripBytes), f.let(args.channels)];
      f.range(begin, end, 1, (unit) => {
        const part = f.let(i32.div_u(unit, args.strips));
        const within = f.let(i32.rem_u(unit, args.strips));
        const group = f.let(i32.div_u(part, args.panels));
        const panel = f.let(i32.rem_u(part, args.panels));
        const row = f.let(i32.add(args.firstStrip, within));
        const image = f.let(i32.div_u(row, args.tilesDown));
        const top = f.let(i32.sub(i32.mul(i32.rem_u(row, args.tilesDown), tile), args.top));
        const first = f.let(i32.mul(panel, COLUMNS));
        const last = f.let(i32.sub(channels, 1));
        const group0 = f.let(i32.mul(i32.add(i32.mul(image, args.groups), group), channels));
        const to = f.let(
          i32.add(
            i32.add(args.to, i32.mul(group, args.groupBytes)),
            i32.mul(i32.add(i32.mul(panel, args.slots), i32.mul(within, args.tilesAcross)), 4 * COLUMNS),
          ),
        );
        for (const half of [0, 4]) {
          const pointers = [0, 1, 2, 3].map((i) => {
            const channel = f.let(i32.min_u(f.let(i32.add(first, half + i)), last));
            const plane = f.let(i32.add(args.x, i32.mul(i32.add(group0, channel), planeBytes)));
            const at = f.let(i32.add(strips, i32.mul(stripBytes, i)));
            callStrip(f, toStrip, place, plane, top, at);
            return at;
          });
          const at = f.let(i32.add(to, 4 * half));
          f.repeat(f.let(args.tilesAcross), () => {
            f.call(toPatch, at, 0, step, ...pointers);
            for (const pointer of pointers) f.set(pointer, i32.add(pointer, chunkBytes(tile)));
            f.set(at, i32.add(at, 4 * COLUMNS));
          });
        }
      });
    },
  };
}

export const inputPanelCodes: Readonly<Record<Tile, KernelCode<InputPanelField>>> = {
  2: inputPanelCode(2),
  4: inputPanelCode(4),
};

/** A y Aᵀ of a tile of four filters at these addresses, rows `pitch` apart; lanes 0 and 1 go to `low`, 2 and 3 to `high`. */
function gradientTile(tile: Tile): Helper {
  return helper({
    name: `winograd.gradientTile ${tile}`,
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    results: [],
    build(f, target, low, high, step, pitch, ...filters) {
      const transforms = new Transforms(f, target, tile);
      const rows = Array.from({ length: tile }, (_, row) => {
        const lines = filters.map((at) => f.let(tile === 4 ? v128.load(at) : v128.load64_zero(at)));
        if (row + 1 < tile) for (const at of filters) f.set(at, i32.add(at, pitch));
        return turn(f, lines)
          .slice(0, tile)
          .map((v) => f.let(v));
      });
      const half = rows[0].map((_, j) => transforms.output(rows.map((row) => row[j])));
      for (let i = 0; i < tile + 2; i++) {
        transforms.output(half.map((column) => column[i])).forEach((product) => {
          f.do(v128.store64_lane(low, product, 0), v128.store64_lane(high, product, 1));
          f.set(low, i32.add(low, step));
          f.set(high, i32.add(high, step));
        });
      }
    },
  });
}

const OUTPUT_FIELDS = [
  'y',
  'to',
  'height',
  'width',
  'groups',
  'filters',
  'quads',
  'tilesDown',
  'tilesAcross',
  'firstStrip',
  'strips',
  'slots',
  'step',
  'groupBytes',
] as const;
export type OutputPanelField = (typeof OUTPUT_FIELDS)[number];

/** A y Aᵀ as [group][position][panel of filters][tile][{@link ROWS}], four filters a unit. Beyond the last filter it is repeated. */
function outputPanelCode(tile: Tile): KernelCode<OutputPanelField> {
  return {
    name: `winograd.outputPanels ${tile}`,
    fields: OUTPUT_FIELDS,
    build(f, args, begin, end, target) {
      const transform = target.helper(gradientTile(tile));
      const aside = f.let(target.scratch);
      const [height, width] = [f.let(args.height), f.let(args.width)];
      const pitch = f.let(i32.shl(width, 2));
      const planeBytes = f.let(i32.mul(height, pitch));
      const [step, filters] = [f.let(args.step), f.let(args.filters)];
      const panelBytes = f.let(i32.mul(args.slots, 4 * ROWS));
      f.range(begin, end, 1, (unit) => {
        const part = f.let(i32.div_u(unit, args.strips));
        const within = f.let(i32.rem_u(unit, args.strips));
        const group = f.let(i32.div_u(part, args.quads));
        const first = f.let(i32.shl(i32.rem_u(part, args.quads), 2));
        const strip = f.let(i32.add(args.firstStrip, within));
        const image = f.let(i32.div_u(strip, args.tilesDown));
        const row = f.let(i32.mul(i32.rem_u(strip, args.tilesDown), tile));
        const rows = f.let(i32.min_u(f.let(i32.sub(height, row)), i32.const(tile)));
        const group0 = f.let(i32.mul(i32.add(i32.mul(image, args.groups), group), filters));
        const pointers = [0, 1, 2, 3].map((i) => {
          const filter = f.let(i32.min_u(f.let(i32.add(first, i)), f.let(i32.sub(filters, 1))));
          return f.let(i32.add(i32.add(args.y, i32.mul(i32.add(group0, filter), planeBytes)), i32.mul(row, pitch)));
        });
        const base = f.let(
          i32.add(
            i32.add(args.to, i32.mul(group, args.groupBytes)),
            i32.mul(i32.mul(within, args.tilesAcross), 4 * ROWS),
          ),
        );
        const [low, high] = [0, 2].map((i) => {
          const pair = f.let(i32.shr_u(i32.add(first, i), 1));
          return f.let(
            i32.add(
              i32.add(base, i32.mul(i32.div_u(pair, i32.const(ROWS / 2)), panelBytes)),
              i32.shl(i32.rem_u(pair, i32.const(ROWS / 2)), 3),
            ),
          );
        });
        const columnsLeft = f.let(width);
        f.repeat(f.let(args.tilesAcross), () => {
          f.if(
            i32.and(i32.eq(rows, tile), i32.ge_s(columnsLeft, tile)),
            () => f.call(transform, low, high, step, pitch, ...pointers),
            () => {
              const zero = f.hoist(f32x4.splat(0));
              for (let at = 0; at < asideBytes(tile); at += 16) f.do(v128.store(aside, zero, at));
              const columns = f.let(i32.min_u(columnsLeft, i32.const(tile)));
              const planes = pointers.map((from, i): I32 => {
                const to = f.let(i32.add(aside, 4 * tile * tile * i));
                copyTile(
                  f,
                  i32.const(1),
                  rows,
                  columns,
                  { at: from, plane: 0, pitch },
                  { at: to, plane: 0, pitch: 4 * tile },
                );
                return to;
              });
              f.call(transform, low, high, step, 4 * tile, ...planes);
            },
          );
          for (const pointer of pointers) f.set(pointer, i32.add(pointer, 4 * tile));
          f.set(low, i32.add(low, 4 * ROWS));
          f.set(high, i32.add(high, 4 * ROWS));
          f.set(columnsLeft, i32.sub(columnsLeft, tile));
        });
      });
    },
  };
}

export const outputPanelCodes: Readonly<Record<Tile, KernelCode<OutputPanelField>>> = {
  2: outputPanelCode(2),
  4: outputPanelCode(4),
};
