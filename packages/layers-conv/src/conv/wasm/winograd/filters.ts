import { type KernelCode } from '@lemmata/backend-wasm';
import { type FunctionBuilder, i32, type I32, type Local, v128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { COLUMNS } from '@lemmata/backend-wasm/gemm/micro';
import { turn } from '@lemmata/backend-wasm/gemm/pack';
import { type Tile, Transforms } from './transforms.js';

/** G w Gᵀ of four filters of 3 × 3 at these addresses, into the lanes, positions `step` bytes apart. */
function filterTile(tile: Tile, flipped: boolean): Helper {
  return helper({
    name: `winograd.filterTile ${tile}${flipped ? ' flipped' : ''}`,
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    results: [],
    build(f, target, to, step, ...filters) {
      const transforms = new Transforms(f, target, tile);
      const elements = nine(f, filters);
      if (flipped) elements.reverse();
      const half = [0, 1, 2].map((j) => transforms.weight([0, 3, 6].map((i) => elements[i + j])));
      for (let row = 0; row < tile + 2; row++) {
        transforms.weight(half.map((column) => column[row])).forEach((value) => {
          f.do(v128.store(to, value));
          f.set(to, i32.add(to, step));
        });
      }
    },
  });
}

/** The elements of four filters, which lie in the lanes. */
function nine(f: FunctionBuilder, filters: readonly I32[]): Local<'v128'>[] {
  const four = (offset: number): Local<'v128'>[] =>
    turn(
      f,
      filters.map((at) => f.let(v128.load(at, offset))),
    ).map((v) => f.let(v));
  const last = f.let(v128.load32_zero(filters[0], 32));
  for (let lane = 1; lane < 4; lane++) f.set(last, v128.load32_lane(filters[lane], last, lane, 32));
  return [...four(0), ...four(16), last];
}

export type FilterField =
  | 'from'
  | 'to'
  | 'filters'
  | 'channels'
  | 'filterStep'
  | 'channelStep'
  | 'groupStep'
  | 'panels'
  | 'step'
  | 'groupBytes';

/** Transformed filters in panels of {@link COLUMNS}: to[group][position][panel][channel][filter]. A unit is a panel; steps are in bytes. */
function filterCode(tile: Tile, flipped: boolean): KernelCode<FilterField> {
  return {
    name: `winograd.filters ${tile}${flipped ? ' flipped' : ''}`,
    fields: [
      'from',
      'to',
      'filters',
      'channels',
      'filterStep',
      'channelStep',
      'groupStep',
      'panels',
      'step',
      'groupBytes',
    ],
    build(f, args, begin, end, target) {
      const transform = target.helper(filterTile(tile, flipped));
      const channelStep = f.let(args.channelStep);
      const step = f.let(args.step);
      f.range(begin, end, 1, (unit) => {
        const group = f.let(i32.div_u(unit, args.panels));
        const panel = f.let(i32.rem_u(unit, args.panels));
        const first = f.let(i32.mul(panel, COLUMNS));
        const last = f.let(i32.sub(i32.sub(args.filters, first), 1));
        const from = f.let(
          i32.add(i32.add(args.from, i32.mul(group, args.groupStep)), i32.mul(first, args.filterStep)),
        );
        // Beyond the last filter it is repeated.
        const pointers = Array.from({ length: COLUMNS }, (_, i) =>
          f.let(i32.add(from, i32.mul(i32.min_u(i32.const(i), last), args.filterStep))),
        );
        const to = f.let(
          i32.add(
            i32.add(args.to, i32.mul(group, args.groupBytes)),
            i32.mul(i32.mul(panel, args.channels), 4 * COLUMNS),
          ),
        );
        f.repeat(f.let(args.channels), () => {
          f.call(transform, to, step, ...pointers.slice(0, 4));
          f.call(transform, i32.add(to, 16), step, ...pointers.slice(4));
          for (const pointer of pointers) f.set(pointer, i32.add(pointer, channelStep));
          f.set(to, i32.add(to, 4 * COLUMNS));
        });
      });
    },
  };
}

export const filterCodes: Readonly<
  Record<Tile, { readonly plain: KernelCode<FilterField>; readonly flipped: KernelCode<FilterField> }>
> = {
  2: { plain: filterCode(2, false), flipped: filterCode(2, true) },
  4: { plain: filterCode(4, false), flipped: filterCode(4, true) },
};
