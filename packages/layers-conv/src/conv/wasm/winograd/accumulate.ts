import { type KernelCode } from '@lemmata/backend-wasm';
import { f32x4, type FunctionBuilder, i32, type I32, type Local, v128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { COLUMNS, micro, ROWS } from '@lemmata/backend-wasm/gemm/micro';
import { turn } from '@lemmata/backend-wasm/gemm/pack';
import { copyTile } from './output.js';
import { type Tile, Transforms } from './transforms.js';

/** Bytes of a tile of sums. */
const TILE_BYTES = 4 * ROWS * COLUMNS;

const ACCUMULATE_FIELDS = [
  'x',
  'y',
  'to',
  'tiles',
  'slots',
  'positions',
  'channelPanels',
  'filterPanels',
  'xStep',
  'yStep',
  'step',
  'xGroup',
  'yGroup',
  'group',
  'add',
] as const;
export type AccumulateField = (typeof ACCUMULATE_FIELDS)[number];

/**
 * Sums over tiles of transformed x and y: to[group][position][panel of channels][panel of filters][{@link ROWS}][{@link COLUMNS}]. A unit is
 * a position of a group. Sums of a block of tiles are taken apart and added to what there is, so that errors grow with the number of blocks, not of tiles.
 */
export const accumulate: KernelCode<AccumulateField> = {
  name: 'winograd.accumulate',
  fields: ACCUMULATE_FIELDS,
  build(f, args, begin, end, target) {
    const kernel = target.helper(micro);
    const [tiles, add] = [f.let(args.tiles), f.let(args.add)];
    const aside = f.let(target.scratch);
    const xPanel = f.let(i32.mul(args.slots, 4 * COLUMNS));
    const yPanel = f.let(i32.mul(args.slots, 4 * ROWS));
    f.range(begin, end, 1, (unit) => {
      const group = f.let(i32.div_u(unit, args.positions));
      const position = f.let(i32.rem_u(unit, args.positions));
      const at = (base: I32, groupBytes: I32, step: I32): I32 =>
        i32.add(base, i32.add(i32.mul(group, groupBytes), i32.mul(position, step)));
      const b = f.let(at(args.x, args.xGroup, args.xStep));
      const to = f.let(at(args.to, args.group, args.step));
      f.repeat(f.let(args.channelPanels), () => {
        const a = f.let(at(args.y, args.yGroup, args.yStep));
        f.repeat(f.let(args.filterPanels), () => {
          f.if(
            add,
            () => {
              f.call(kernel, tiles, a, b, aside, 4 * COLUMNS, 0);
              for (let at = 0; at < TILE_BYTES; at += 16)
                f.do(v128.store(to, f32x4.add(v128.load(to, at), v128.load(aside, at)), at));
            },
            () => f.call(kernel, tiles, a, b, to, 4 * COLUMNS, 0),
          );
          f.set(a, i32.add(a, yPanel));
          f.set(to, i32.add(to, TILE_BYTES));
        });
        f.set(b, i32.add(b, xPanel));
      });
    });
  },
};

/** Adds the sums of all parts to those of the first, in order. A unit is a vector. */
export const addParts: KernelCode<'at' | 'parts' | 'bytes'> = {
  name: 'winograd.addParts',
  fields: ['at', 'parts', 'bytes'],
  build(f, args, begin, end) {
    const bytes = f.let(args.bytes);
    const rest = f.let(i32.sub(args.parts, 1));
    const at = f.let(i32.add(args.at, i32.shl(begin, 4)));
    f.range(begin, end, 1, () => {
      const sum = f.let(v128.load(at));
      const from = f.let(at);
      f.repeat(f.let(rest), () => {
        f.set(from, i32.add(from, bytes));
        f.set(sum, f32x4.add(sum, v128.load(from)));
      });
      f.do(v128.store(at, sum));
      f.set(at, i32.add(at, 16));
    });
  },
};

/** Gᵀ W G of four channels of a filter, which lie side by side at `from`, positions `step` bytes apart: 4 · 9 weights. */
function weightTile(tile: Tile): Helper {
  return helper({
    name: `winograd.weightTile ${tile}`,
    params: ['i32', 'i32', 'i32'],
    results: [],
    build(f, target, from, step, to) {
      const transforms = new Transforms(f, target, tile);
      const size = tile + 2;
      const products = Array.from({ length: size }, () =>
        Array.from({ length: size }, () => {
          const product = f.let(v128.load(from));
          f.set(from, i32.add(from, step));
          return product;
        }),
      );
      const half = products.map((row) => transforms.weightBack(row));
      const columns = [0, 1, 2].map((j) => transforms.weightBack(half.map((row) => row[j])));
      const nine = [0, 1, 2].flatMap((i) => columns.map((column) => column[i]));
      storeNine(f, nine, to);
    },
  });
}

function storeNine(f: FunctionBuilder, elements: readonly Local<'v128'>[], to: I32): void {
  for (const first of [0, 4])
    turn(f, elements.slice(first, first + 4)).forEach((row, channel) =>
      f.do(v128.store(to, row, 36 * channel + 4 * first)),
    );
  for (let channel = 0; channel < 4; channel++) f.do(v128.store32_lane(to, elements[8], channel, 36 * channel + 32));
}

const WEIGHT_FIELDS = ['from', 'to', 'channels', 'filters', 'channelPanels', 'filterPanels', 'step', 'group'] as const;
export type WeightField = (typeof WEIGHT_FIELDS)[number];

/** w[group, filter, channel, 3, 3] from the sums of {@link accumulate}. A unit is a filter. */
function weightCode(tile: Tile): KernelCode<WeightField> {
  return {
    name: `winograd.weights ${tile}`,
    fields: WEIGHT_FIELDS,
    runs(f, { channels }, unit, run) {
      const weights = f.let(i32.mul(channels, 9));
      const begin = f.let(i32.mul(unit, weights));
      run(begin, i32.add(begin, weights));
    },
    build(f, args, begin, end, target) {
      const transform = target.helper(weightTile(tile));
      const aside = f.let(target.scratch);
      const [channels, step] = [f.let(args.channels), f.let(args.step)];
      f.range(begin, end, 1, (unit) => {
        const group = f.let(i32.div_u(unit, args.filters));
        const filter = f.let(i32.rem_u(unit, args.filters));
        // Tiles of ROWS filters follow each other.
        const from = f.let(i32.add(i32.add(args.from, i32.mul(group, args.group)), i32.mul(filter, 4 * COLUMNS)));
        const to = f.let(i32.add(args.to, i32.mul(i32.mul(unit, channels), 36)));
        f.range(0, channels, 4, (channel) => {
          const panel = i32.mul(i32.mul(i32.shr_u(channel, 3), args.filterPanels), 4 * ROWS * COLUMNS);
          const at = f.let(i32.add(i32.add(from, panel), i32.shl(i32.and(channel, 4), 2)));
          const most = f.let(i32.sub(channels, channel));
          f.if(
            i32.ge_s(most, 4),
            () => f.call(transform, at, step, to),
            () => {
              f.call(transform, at, step, aside);
              copyTile(
                f,
                i32.const(1),
                most,
                i32.const(9),
                { at: aside, plane: 0, pitch: 36 },
                { at: to, plane: 0, pitch: 36 },
              );
            },
          );
          f.set(to, i32.add(to, 4 * 36));
        });
      });
    },
  };
}

export const weightCodes: Readonly<Record<Tile, KernelCode<WeightField>>> = { 2: weightCode(2), 4: weightCode(4) };
