import { type KernelCode, type Target } from '@lemmata/backend-wasm';
import { type FunctionRef, i32, type I32, type Local, v128, type V128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';

/** Output elements of a row that are computed at once, at least: a row has so many. */
export const LEAST_ROW = 4;
/** Filters that are computed at once, at most: with two vectors each, and what they are multiplied by, they fill the 16 registers of x86-64. */
export const MOST_FILTERS = 6;

/** How the elements that four neighbouring windows see of one tap are loaded: they lie side by side, every second one, or at any distance. */
type Step = 1 | 2 | 'any';

/**
 * y[filter][window] = Σ over taps of w[tap][filter] · x[window + tap], for `filters` filters and `vectors` · 4 windows of a
 * row. Nothing is packed: worth it where few filters would share what packing costs.
 */
function tile(filters: number, vectors: number, step: Step): Helper {
  return helper({
    name: `conv.tile ${filters} ${vectors} ${step}`,
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    results: [],
    build(f, target, count, taps, x, w, y, pitch, distance) {
      const sums: Local<'v128'>[] = Array.from({ length: filters * vectors }, () => f.local('v128'));
      const windows = Array.from({ length: vectors }, () => f.local('v128'));
      const weight = f.local('v128');
      const at = f.local('i32');
      f.repeat(count, () => {
        f.set(at, i32.add(x, i32.load(taps)));
        for (let v = 0; v < vectors; v++) f.set(windows[v], four(at, v, step, distance));
        for (let i = 0; i < filters; i++) {
          f.set(weight, v128.load32_splat(w, 4 * i));
          for (let v = 0; v < vectors; v++) {
            const sum = sums[i * vectors + v];
            f.set(sum, target.madd(weight, windows[v], sum));
          }
        }
        f.set(taps, i32.add(taps, 4));
        f.set(w, i32.add(w, 4 * filters));
      });
      for (let i = 0; i < filters; i++) {
        for (let v = 0; v < vectors; v++) f.do(v128.store(y, sums[i * vectors + v], 16 * v));
        if (i + 1 < filters) f.set(y, i32.add(y, pitch));
      }
    },
  });
}

function four(at: I32, vector: number, step: Step, distance: I32): V128 {
  if (step === 1) return v128.load(at, 16 * vector);
  if (step === 2) return v128.shuffle32(v128.load(at, 32 * vector), v128.load(at, 32 * vector + 16), [0, 2, 4, 6]);
  const place = (lane: number): I32 => i32.add(at, i32.mul(distance, 4 * vector + lane));
  let lanes = v128.load32_zero(place(0));
  for (let lane = 1; lane < 4; lane++) lanes = v128.load32_lane(place(lane), lanes, lane);
  return lanes;
}

export type DirectField =
  | 'x'
  | 'w'
  | 'y'
  | 'windows'
  | 'taps'
  | 'count'
  | 'rows'
  | 'width'
  | 'distance'
  | 'groups'
  | 'filters'
  | 'groupBytes'
  | 'planeBytes';

/** A unit is one row of output windows of a group of an image, for all filters. */
function directCode(most: number, last: number, step: Step): KernelCode<DirectField> {
  return {
    name: `conv.direct ${most} ${last} ${step}`,
    fields: [
      'x',
      'w',
      'y',
      'windows',
      'taps',
      'count',
      'rows',
      'width',
      'distance',
      'groups',
      'filters',
      'groupBytes',
      'planeBytes',
    ],
    build(f, args, begin, end, target) {
      const width = f.let(args.width);
      const rows = f.let(args.rows);
      const count = f.let(args.count);
      const filters = f.let(args.filters);
      const distance = f.let(args.distance);
      const planeBytes = f.let(args.planeBytes);
      f.range(begin, end, 1, (unit) => {
        // Groups of images follow each other in x and in y.
        const part = f.let(i32.div_u(unit, rows));
        const row = f.let(i32.rem_u(unit, rows));
        const at = i32.load(i32.add(args.windows, i32.shl(i32.mul(row, width), 2)));
        const x = f.let(i32.add(i32.add(args.x, i32.mul(part, args.groupBytes)), at));
        const y = f.let(
          i32.add(i32.add(args.y, i32.mul(i32.mul(part, filters), planeBytes)), i32.shl(i32.mul(row, width), 2)),
        );
        const group = i32.rem_u(part, args.groups);
        const w = f.let(i32.add(args.w, i32.shl(i32.mul(i32.mul(group, filters), count), 2)));
        const panel = (n: number): void => {
          const wide = tiles(target, n, 2, step);
          const narrow = tiles(target, n, 1, step);
          const call = (callee: FunctionRef, j: I32): void =>
            f.call(
              callee,
              count,
              args.taps,
              i32.add(x, i32.mul(j, distance)),
              w,
              i32.add(y, i32.shl(j, 2)),
              planeBytes,
              distance,
            );
          const j = f.let(i32.const(0));
          f.while(i32.le_s(i32.add(j, 8), width), () => {
            call(wide, j);
            f.set(j, i32.add(j, 8));
          });
          // The rest of the row is computed together with some before it, which come out as they were.
          const rest = f.let(i32.sub(width, j));
          f.if(rest, () =>
            f.if(
              i32.and(i32.gt_s(rest, 4), i32.ge_s(width, 8)),
              () => call(wide, f.let(i32.sub(width, 8))),
              () => {
                f.if(i32.gt_s(rest, 4), () => call(narrow, j));
                call(narrow, f.let(i32.sub(width, 4)));
              },
            ),
          );
          f.set(w, i32.add(w, i32.mul(count, 4 * n)));
          f.set(y, i32.add(y, i32.mul(planeBytes, n)));
        };
        f.repeat(f.let(i32.div_u(i32.sub(filters, last), i32.const(most))), () => panel(most));
        panel(last);
      });
    },
  };
}

function tiles(target: Target, filters: number, vectors: number, step: Step): FunctionRef {
  return target.helper(tile(filters, vectors, step));
}

const codes = new Map<string, KernelCode<DirectField>>();

/** The kernel for so many filters in a group, and elements from one window to the next. */
export function direct(filters: number, distance: number): KernelCode<DirectField> {
  const most = panelWidth(filters);
  const last = filters - most * (Math.ceil(filters / most) - 1);
  const step = distance === 1 || distance === 2 ? distance : 'any';
  const key = `${most} ${last} ${step}`;
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = directCode(most, last, step)));
  return code;
}

/** Filters of a panel: as few panels as possible, as even as possible. */
export function panelWidth(filters: number): number {
  return Math.ceil(filters / Math.ceil(filters / MOST_FILTERS));
}
