import { f32, i32, type I32, v128 } from '@lemmata/backend-wasm/assembler';
import { helper, type Helper } from '@lemmata/backend-wasm/code';
import { COLUMNS } from '@lemmata/backend-wasm/gemm/micro';
import { turn } from '@lemmata/backend-wasm/gemm/pack';

/**
 * to[i][width] = element i of `width` runs, each of `count` elements side by side. They are turned in registers, four by
 * four.
 */
function packRunsCode(width: number): Helper {
  return helper({
    name: `conv.packRuns ${width}`,
    params: ['i32', 'i32', ...new Array<'i32'>(width).fill('i32')],
    results: [],
    build(f, _target, count, to, ...runs) {
      const advance = (bytes: I32 | number, out: number): void => {
        for (const run of runs) f.set(run, i32.add(run, bytes));
        f.set(to, i32.add(to, out));
      };
      const squares = width - (width % 4);
      f.repeat(f.let(i32.shr_u(count, 2)), () => {
        for (let i = 0; i < squares; i += 4) {
          const square = runs.slice(i, i + 4).map((run) => f.let(v128.load(run)));
          turn(f, square).forEach((column, k) => f.do(v128.store(to, column, 4 * (k * width + i))));
        }
        const rest = runs.slice(squares).map((run) => f.let(v128.load(run)));
        for (let k = 0; k < 4; k++)
          rest.forEach((lanes, i) => f.do(v128.store32_lane(to, lanes, k, 4 * (k * width + squares + i))));
        advance(16, 16 * width);
      });
      f.repeat(f.let(i32.and(count, 3)), () => {
        runs.forEach((run, i) => f.do(f32.store(to, f32.load(run), 4 * i)));
        advance(4, 4 * width);
      });
    },
  });
}

/** Helpers for 0 … 8 runs. */
export const packRuns: readonly Helper[] = Array.from({ length: COLUMNS + 1 }, (_, width) => packRunsCode(width));
