import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { f32, i32, v128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { COLUMNS } from '@lemmata/backend-wasm/gemm/micro';
import { turn } from '@lemmata/backend-wasm/gemm/pack';
import { packRuns } from './runs.js';

/** runs[i] = from[…][i] for eight runs of `count` elements: what {@link packRuns} of eight does, undone. */
const unpackRuns: Helper = helper({
  name: 'conv.unpackRuns',
  params: ['i32', 'i32', ...new Array<'i32'>(COLUMNS).fill('i32')],
  results: [],
  build(f, _target, count, from, ...runs) {
    const advance = (elements: number): void => {
      for (const run of runs) f.set(run, i32.add(run, 4 * elements));
      f.set(from, i32.add(from, 4 * COLUMNS * elements));
    };
    f.repeat(f.let(i32.shr_u(count, 2)), () => {
      for (const half of [0, 4]) {
        const square = [0, 1, 2, 3].map((k) => f.let(v128.load(from, 4 * (COLUMNS * k + half))));
        turn(f, square).forEach((lanes, i) => f.do(v128.store(runs[half + i], lanes)));
      }
      advance(4);
    });
    f.repeat(f.let(i32.and(count, 3)), () => {
      runs.forEach((run, i) => f.do(f32.store(run, f32.load(from, 4 * i))));
      advance(1);
    });
  },
});

type Field = 'from' | 'to' | 'count';

/** A unit is eight images of `count` elements, each of which is one run. */
function layoutCode(pack: boolean): KernelCode<Field> {
  return {
    name: pack ? 'conv.packLanes' : 'conv.unpackLanes',
    fields: ['from', 'to', 'count'],
    build(f, args, begin, end, target) {
      const count = f.let(args.count);
      f.range(begin, end, 1, (unit) => {
        const offset = f.let(i32.shl(i32.mul(unit, i32.mul(count, COLUMNS)), 2));
        const [images, lanes] = pack ? [args.from, args.to] : [args.to, args.from];
        const first = f.let(i32.add(images, offset));
        const runs = Array.from({ length: COLUMNS }, (_, i) => f.let(i32.add(first, i32.shl(i32.mul(count, i), 2))));
        f.call(target.helper(pack ? packRuns[COLUMNS] : unpackRuns), count, i32.add(lanes, offset), ...runs);
      });
    },
    ...(pack
      ? {}
      : {
          runs(_f, args, unit, run) {
            const all = i32.mul(args.count, COLUMNS);
            run(i32.mul(unit, all), i32.mul(i32.add(unit, 1), all));
          },
        }),
  };
}

const packCode = layoutCode(true);
const unpackCode = layoutCode(false);

/** Eight images after the other, of `count` elements each, laid out as [element][image]. */
export function packLanesStage(parts: number, count: number, from: number, to: number): Stage {
  return stage(packCode, { from, to, count }, parts, count * COLUMNS * 0.2);
}

/** The same undone. */
export function unpackLanesStage(parts: number, count: number, from: number, to: number): Stage {
  return stage(unpackCode, { from, to, count }, parts, count * COLUMNS * 0.2);
}
