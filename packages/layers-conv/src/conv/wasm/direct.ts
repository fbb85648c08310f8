import { type KernelCode } from '@lemmata/backend-wasm';
import { i32, type I32, type Local, v128, type V128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { WINDOW_BYTES } from './offsets.js';

/** Windows of a vector, which lie in one row: rows have so many at least. */
export const LEAST_ROW = 4;

/** Vectors of windows in a tile of so many filters: with the weights and what they are multiplied by, sums fill the 15 registers that V8 gives. */
export function vectorsOf(filters: number): number {
  return filters === 1 ? 8 : filters === 2 ? 6 : filters === 3 ? 3 : 2;
}

/**
 * y[filter][window] = Σ over taps of w[tap][filter] · x[window + tap], for `filters` filters and some
 * vectors of four neighbouring windows, wherever these lie. Nothing is packed but the filters.
 */
function tile(filters: number, spread: boolean): Helper {
  const vectors = vectorsOf(filters);
  return helper({
    name: `conv.tile ${filters}${spread ? ' spread' : ''}`,
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    results: [],
    build(f, target, windows, depth, taps, x, w, y, pitch, distance) {
      const sums: Local<'v128'>[] = Array.from({ length: filters * vectors }, () => f.local('v128'));
      const starts = Array.from({ length: vectors }, () => f.local('i32'));
      // Of what there is less each has a variable; of the rest all share one.
      const held = Array.from({ length: Math.min(vectors, filters) }, () => f.local('v128'));
      const passing = f.local('v128');
      starts.forEach((start, v) => f.set(start, i32.add(x, i32.load(windows, WINDOW_BYTES * v))));
      const at = f.local('i32');
      f.repeat(depth, () => {
        f.set(at, i32.load(taps));
        const element = (v: number): V128 => v128.load(i32.add(starts[v], at));
        const weight = (i: number): V128 => v128.load32_splat(w, 4 * i);
        const byFilter = vectors <= filters;
        held.forEach((each, n) => f.set(each, byFilter ? element(n) : weight(n)));
        for (let n = 0; n < Math.max(vectors, filters); n++) {
          f.set(passing, byFilter ? weight(n) : element(n));
          held.forEach((each, m) => {
            const sum = byFilter ? sums[n * vectors + m] : sums[m * vectors + n];
            f.set(sum, target.madd(passing, each, sum));
          });
        }
        f.set(taps, i32.add(taps, 4));
        f.set(w, i32.add(w, 4 * filters));
      });
      // In the order of the sums: V8 computes them in that in which they are used, and would have to keep all weights at once.
      const ends = starts.map((_, v) => f.let(i32.add(y, i32.load(windows, WINDOW_BYTES * v + 4))));
      sums.forEach((sum, n) => {
        const to = ends[n % vectors];
        if (spread)
          for (let lane = 0; lane < 4; lane++) f.do(v128.store32_lane(i32.add(to, i32.mul(distance, lane)), sum, lane));
        else f.do(v128.store(to, sum));
        if (n + vectors < sums.length) f.set(to, i32.add(to, pitch));
      });
    },
  });
}

export type DirectField =
  | 'x'
  | 'w'
  | 'y'
  | 'windows'
  | 'taps'
  | 'count'
  | 'vectors'
  | 'block'
  | 'blocks'
  | 'tall'
  | 'panels'
  | 'panelBlock'
  | 'panelBlocks'
  | 'groups'
  | 'filters'
  | 'groupBytes'
  | 'planeBytes'
  | 'distance';

/** A unit is a block of vectors of windows of a group of an image, for a block of panels of filters. */
function directCode(height: number, spread: boolean, whole: boolean): KernelCode<DirectField> {
  return {
    name: `conv.direct ${height}${spread ? ' spread' : ''}`,
    ...(whole ? { runs: planesOf(height) } : {}),
    fields: [
      'x',
      'w',
      'y',
      'windows',
      'taps',
      'count',
      'vectors',
      'block',
      'blocks',
      'tall',
      'panels',
      'panelBlock',
      'panelBlocks',
      'groups',
      'filters',
      'groupBytes',
      'planeBytes',
      'distance',
    ],
    build(f, args, begin, end, target) {
      const count = f.let(args.count);
      const filters = f.let(args.filters);
      const planeBytes = f.let(args.planeBytes);
      const tall = f.let(args.tall);
      f.range(begin, end, 1, (unit) => {
        const panelBlock = f.let(i32.rem_u(unit, args.panelBlocks));
        const rest = f.let(i32.div_u(unit, args.panelBlocks));
        const block = f.let(i32.rem_u(rest, args.blocks));
        // Groups of images follow each other in x and in y.
        const part = f.let(i32.div_u(rest, args.blocks));
        const group = i32.rem_u(part, args.groups);
        const x = f.let(i32.add(args.x, i32.mul(part, args.groupBytes)));
        const y = f.let(i32.add(args.y, i32.mul(i32.mul(part, filters), planeBytes)));
        const w = f.let(i32.add(args.w, i32.shl(i32.mul(i32.mul(group, filters), count), 2)));
        const first = f.let(i32.mul(block, args.block));
        const vectors = f.let(i32.min_u(f.let(i32.sub(args.vectors, first)), args.block));
        const windows = f.let(i32.add(args.windows, i32.mul(first, WINDOW_BYTES)));
        const from = f.let(i32.mul(panelBlock, args.panelBlock));
        const to = f.let(i32.min_u(i32.add(from, args.panelBlock), args.panels));
        const panel = (filter: I32, rows: number): void => {
          if (rows === 0) return;
          const at = f.let(filter);
          const wide = vectorsOf(rows);
          const weights = f.let(i32.add(w, i32.shl(i32.mul(at, count), 2)));
          const sums = f.let(i32.add(y, i32.mul(at, planeBytes)));
          const entry = f.let(windows);
          f.range(0, vectors, wide, () => {
            // The taps that any window of the tile meets.
            const low = f.let(i32.load(entry, 8));
            const high = i32.load(entry, WINDOW_BYTES * (wide - 1) + 12);
            f.call(
              target.helper(tile(rows, spread)),
              entry,
              i32.sub(high, low),
              i32.add(args.taps, i32.shl(low, 2)),
              x,
              i32.add(weights, i32.mul(low, 4 * rows)),
              sums,
              planeBytes,
              args.distance,
            );
            f.set(entry, i32.add(entry, WINDOW_BYTES * wide));
          });
        };
        f.range(from, to, 1, (index) =>
          f.if(
            i32.lt_u(index, tall),
            () => panel(i32.mul(index, height), height),
            () => panel(i32.add(i32.mul(index, height - 1), tall), height - 1),
          ),
        );
      });
    },
  };
}

const codes = new Map<string, KernelCode<DirectField>>();

/** Where one block is all windows of a plane: the planes of the unit's filters, which follow each other. */
function planesOf(height: number): NonNullable<KernelCode<DirectField>['runs']> {
  return (f, args, unit, run) => {
    const plane = f.let(i32.shr_u(args.planeBytes, 2));
    const filter = (panel: I32): I32 => i32.add(i32.mul(panel, height - 1), i32.min_u(panel, args.tall));
    const first = f.let(i32.mul(i32.div_u(unit, args.panelBlocks), args.filters));
    const from = f.let(i32.mul(i32.rem_u(unit, args.panelBlocks), args.panelBlock));
    const to = f.let(i32.min_u(i32.add(from, args.panelBlock), args.panels));
    const start = (panel: Local<'i32'>): I32 => i32.mul(i32.add(first, filter(panel)), plane);
    run(f.let(start(from)), f.let(start(to)));
  };
}

/**
 * The kernel for panels of so many filters, whose windows lie side by side in y or not. `whole`: a block is all windows
 * of a plane, and these are all of its elements.
 */
export function direct(height: number, spread: boolean, whole: boolean): KernelCode<DirectField> {
  const key = `${height} ${spread} ${whole}`;
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = directCode(height, spread, whole)));
  return code;
}
