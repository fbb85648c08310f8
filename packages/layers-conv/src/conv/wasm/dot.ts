import { type KernelCode } from '@lemmata/backend-wasm';
import {
  f32,
  f32x4,
  type F32,
  i32,
  i32x4,
  type I32,
  type Local,
  v128,
  type V128,
} from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { WINDOW_BYTES } from './offsets.js';

/** Filters of a tile at most. */
export const DOT_FILTERS = 2;
/** Taps of a tile at most: 12 sums, two vectors of y and one of x fill the 15 registers that V8 gives. */
export const DOT_TAPS = 6;

/** A table by index, made when it is asked for. */
function table<T>(make: (a: number, b: number) => T): (a: number, b: number) => T {
  const made = new Map<string, T>();
  return (a, b) => {
    const key = `${a} ${b}`;
    let each = made.get(key);
    if (each === undefined) made.set(key, (each = make(a, b)));
    return each;
  };
}

/** In a lane of y: there is no such window. A factor of 0, and not the one that a gradient may be. */
const ABSENT = -0;

/**
 * sums[tap][filter] = Σ over `count` vectors of y[vector][filter] · x[windows of the vector + tap]. A table says where the
 * windows lie. One loop that ends with plain stores: V8 keeps sums in registers in no other.
 *
 * `careful`: x counts as 0 where there is no window, in place of what another window has there, which may be infinite. For that there
 * is no register left, and so it takes longer.
 */
const dotTile = (careful: boolean): ((filters: number, taps: number) => Helper) =>
  table((filters, taps) =>
    helper({
      name: `conv.dotTile ${filters} ${taps}${careful ? ' careful' : ''}`,
      params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      results: [],
      build(f, target, count, windows, x, y, table, to) {
        const sums: Local<'v128'>[] = Array.from({ length: filters * taps }, () => f.local('v128'));
        const held = Array.from({ length: filters }, () => f.local('v128'));
        const passing = f.local('v128');
        const offsets = Array.from({ length: taps }, (_, j) => f.let(i32.add(x, i32.load(table, 4 * j))));
        const at = f.local('i32');
        f.repeat(count, () => {
          f.set(at, i32.load(windows));
          held.forEach((each, i) => f.set(each, v128.load(y, 16 * i)));
          offsets.forEach((offset, j) => {
            f.set(passing, v128.load(i32.add(at, offset)));
            held.forEach((each, i) => {
              const x = careful ? v128.and(passing, i32x4.ne(each, f32x4.splat(ABSENT))) : passing;
              f.set(sums[j * filters + i], target.madd(x, each, sums[j * filters + i]));
            });
          });
          f.set(windows, i32.add(windows, WINDOW_BYTES));
          f.set(y, i32.add(y, 16 * filters));
        });
        sums.forEach((sum, n) => f.do(v128.store(to, sum, 16 * n)));
      },
    }),
  );
const fastTile = dotTile(false);
const carefulTile = dotTile(true);

type VectorField = 'from' | 'to' | 'images' | 'groups' | 'filters' | 'panels' | 'rows' | 'width';

/**
 * y[n, g, f, j] in panels of a few filters, each as [image, vector of four windows][filter]. The last vector of a row ends
 * with it; windows that were there before count as {@link ABSENT}. Where a panel has too few filters the last is repeated. A unit is an
 * image of a panel.
 */
const vectorsCode: (filters: number, rest: number) => KernelCode<VectorField> = table((filters, rest) => ({
  name: `conv.outputVectors ${filters} ${rest}`,
  fields: ['from', 'to', 'images', 'groups', 'filters', 'panels', 'rows', 'width'],
  build(f, args, begin, end) {
    const fours = f.let(i32.shr_u(args.width, 2));
    const plane = f.let(i32.shl(i32.mul(args.rows, args.width), 2));
    const bytes = f.let(i32.mul(i32.mul(args.rows, i32.shr_u(i32.add(args.width, 3), 2)), 16 * filters));
    f.range(begin, end, 1, (unit) => {
      const image = f.let(i32.rem_u(unit, args.images));
      const above = f.let(i32.div_u(unit, args.images));
      const group = f.let(i32.div_u(above, args.panels));
      const first = f.let(i32.mul(i32.rem_u(above, args.panels), filters));
      const last = f.let(i32.sub(i32.sub(args.filters, first), 1));
      const channel = i32.add(i32.mul(i32.add(i32.mul(image, args.groups), group), args.filters), first);
      const from = f.let(i32.add(args.from, i32.mul(channel, plane)));
      const runs = Array.from({ length: filters }, (_, i) =>
        f.let(i32.add(from, i32.mul(plane, i32.min_u(i32.const(i), last)))),
      );
      const to = f.let(i32.add(args.to, i32.mul(unit, bytes)));
      const put = (back: number, of: (lanes: V128) => V128): void => {
        runs.forEach((run, i) => {
          if (back > 0) f.set(run, i32.sub(run, back));
          // A gradient of −0 becomes 0.
          f.do(v128.store(to, of(f32x4.add(v128.load(run), zero)), 16 * i));
          f.set(run, i32.add(run, 16));
        });
        f.set(to, i32.add(to, 16 * filters));
      };
      const [zero, absent] = [f.let(f32x4.splat(0)), f.let(f32x4.splat(ABSENT))];
      const keep = [0, 1, 2, 3].map((lane) => (lane < 4 - rest ? 4 : lane)) as [number, number, number, number];
      f.repeat(f.let(args.rows), () => {
        f.repeat(f.let(fours), () => put(0, (lanes) => lanes));
        if (rest > 0) put(4 * (4 - rest), (lanes) => v128.shuffle32(lanes, absent, keep));
      });
    });
  },
}));

/** The kernel that lays out y for {@link dots}. */
export function outputVectors(filters: number, width: number): KernelCode<VectorField> {
  return vectorsCode(filters, width % 4);
}

export type DotField =
  | 'x'
  | 'y'
  | 'w'
  | 'windows'
  | 'taps'
  | 'count'
  | 'vectors'
  | 'images'
  | 'imageBlock'
  | 'filters'
  | 'panels'
  | 'tapPanels'
  | 'tallTaps'
  | 'xImage'
  | 'xGroup';

/**
 * w[g, f, t] = Σ over images and windows j of y[n, g, f, j] · x[n, g, window j + tap t] as dot products, for few filters,
 * which would not pay for packing x. A unit is a tile of filters and taps. Sums of a block of images are added to what
 * there is, so that errors do not grow with the number of windows but with that of blocks.
 */
const dotCode: (filters: number, height: number) => KernelCode<DotField> = table((filters, height) => ({
  name: `conv.dots ${filters} ${height}`,
  fields: [
    'x',
    'y',
    'w',
    'windows',
    'taps',
    'count',
    'vectors',
    'images',
    'imageBlock',
    'filters',
    'panels',
    'tapPanels',
    'tallTaps',
    'xImage',
    'xGroup',
  ],
  build(f, args, begin, end, target) {
    const count = f.let(args.count);
    const tall = f.let(args.tallTaps);
    const imageBytes = f.let(i32.mul(args.vectors, 16 * filters));
    f.range(begin, end, 1, (unit) => {
      const tapPanel = f.let(i32.rem_u(unit, args.tapPanels));
      const panel = f.let(i32.div_u(unit, args.tapPanels));
      const group = f.let(i32.div_u(panel, args.panels));
      const filter = f.let(i32.mul(i32.rem_u(panel, args.panels), filters));
      const y = f.let(i32.add(args.y, i32.mul(i32.mul(panel, args.images), imageBytes)));
      const x = f.let(i32.add(args.x, i32.mul(group, args.xGroup)));
      const tile = (tap: I32, taps: number): void => {
        if (taps === 0) return;
        const first = f.let(tap);
        const sums = f.let(target.scratch);
        const totals = 16 * filters * taps;
        const each = (visit: (at: number) => void): void => {
          for (let at = 0; at < totals; at += 16) visit(at);
        };
        const total = (tileOf: (filters: number, taps: number) => Helper): void => {
          each((at) => f.do(v128.store(sums, f32x4.splat(0), totals + at)));
          f.range(0, args.images, args.imageBlock, (image) => {
            f.call(
              target.helper(tileOf(filters, taps)),
              i32.mul(i32.min_u(f.let(i32.sub(args.images, image)), args.imageBlock), args.vectors),
              args.windows,
              i32.add(x, i32.mul(image, args.xImage)),
              i32.add(y, i32.mul(image, imageBytes)),
              i32.add(args.taps, i32.shl(first, 2)),
              sums,
            );
            each((at) =>
              f.do(v128.store(sums, f32x4.add(v128.load(sums, totals + at), v128.load(sums, at)), totals + at)),
            );
          });
        };
        total(fastTile);
        // NaN may come of a window that is not there and an infinity.
        const spoilt = f.let(f32x4.splat(0));
        each((at) => {
          const sum = f.let(v128.load(sums, totals + at));
          f.set(spoilt, v128.or(spoilt, f32x4.ne(sum, sum)));
        });
        f.if(v128.any_true(spoilt), () => total(carefulTile));
        const row = f.let(i32.add(i32.mul(group, args.filters), filter));
        const w = f.let(i32.add(args.w, i32.shl(i32.add(i32.mul(row, count), first), 2)));
        const store = (i: number): void => {
          for (let j = 0; j < taps; j++) {
            const lanes = f.let(v128.load(sums, totals + 16 * (j * filters + i)));
            const lane = (k: number): F32 => f32x4.extract_lane(lanes, k);
            f.do(f32.store(w, f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3))), 4 * j));
          }
        };
        store(0);
        for (let i = 1; i < filters; i++) {
          f.if(i32.lt_u(i32.add(filter, i), args.filters), () => {
            f.set(w, i32.add(w, i32.shl(count, 2)));
            store(i);
          });
        }
      };
      f.if(
        i32.lt_u(tapPanel, tall),
        () => tile(i32.mul(tapPanel, height), height),
        () => tile(i32.add(i32.mul(tapPanel, height - 1), tall), height - 1),
      );
    });
  },
}));

/** The kernel for tiles of so many filters, and `height` taps or one less. */
export const dots: (filters: number, height: number) => KernelCode<DotField> = dotCode;
