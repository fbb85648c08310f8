import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { f32x4, i32, type Local, v128 } from '@lemmata/backend-wasm/assembler';
import { contiguousStrides, sizeOf } from '@lemmata/shape';
import { placedShape } from './place.js';
import type { SlidingSum } from './sliding-sum.js';

type Field =
  | 'x'
  | 'w'
  | 'y'
  | 'groups'
  | 'wGroup'
  | 'wRow'
  | 'wColumn'
  | 'xPlane'
  | 'xRow'
  | 'xTapRow'
  | 'yPlane'
  | 'yRow'
  | 'rows'
  | 'width';

/** Elements of a kernel that are held at once: 9 in registers, further ones beside the sums on the stack. */
const MOST_TAPS = 49;

/**
 * One filter of one channel in each group, as in a depthwise convolution: the whole kernel is held at once. A unit is a plane;
 * the last vector of a row ends with it. `turned`: taps lie further back in x the larger their number.
 */
function depthwiseCode(height: number, width: number, turned: boolean, whole: boolean): KernelCode<Field> {
  return {
    name: `conv.depthwise ${height} ${width}${turned ? ' turned' : ''}`,
    fields: [
      'x',
      'w',
      'y',
      'groups',
      'wGroup',
      'wRow',
      'wColumn',
      'xPlane',
      'xRow',
      'xTapRow',
      'yPlane',
      'yRow',
      'rows',
      'width',
    ],
    ...(whole
      ? {
          runs(f, { yPlane }, unit, run) {
            const start = f.let(i32.mul(unit, i32.shr_u(yPlane, 2)));
            run(start, f.let(i32.add(start, i32.shr_u(yPlane, 2))));
          },
        }
      : {}),
    build(f, args, begin, end, target) {
      const [wRow, wColumn, xTapRow] = [f.let(args.wRow), f.let(args.wColumn), f.let(args.xTapRow)];
      const bytes = f.let(i32.shl(args.width, 2));
      const last = f.let(i32.sub(bytes, 16));
      f.range(begin, end, 1, (unit) => {
        const w = f.let(i32.add(args.w, i32.mul(i32.rem_u(unit, args.groups), args.wGroup)));
        const taps: Local<'v128'>[][] = [];
        for (let i = 0; i < height; i++) {
          const at = f.let(i32.add(w, i32.mul(wRow, i)));
          taps.push(
            Array.from({ length: width }, (_, j) => f.let(v128.load32_splat(i32.add(at, i32.mul(wColumn, j))))),
          );
        }
        const x = f.let(i32.add(args.x, i32.mul(unit, args.xPlane)));
        const y = f.let(i32.add(args.y, i32.mul(unit, args.yPlane)));
        f.repeat(f.let(args.rows), () => {
          const lines = taps.map((_, i) => f.let(i32.add(x, i32.mul(xTapRow, i))));
          f.range(0, bytes, 16, (column) => {
            const at = f.let(i32.min_u(column, last));
            const sum = f.let(f32x4.splat(0));
            taps.forEach((row, i) => {
              const p = f.let(i32.add(lines[i], at));
              row.forEach((tap, j) =>
                f.set(sum, target.madd(tap, v128.load(p, 4 * (turned ? width - 1 - j : j)), sum)),
              );
            });
            f.do(v128.store(i32.add(y, at), sum));
          });
          f.set(x, i32.add(x, args.xRow));
          f.set(y, i32.add(y, args.yRow));
        });
      });
    },
  };
}

const codes = new Map<string, KernelCode<Field>>();

/** Whether a sliding sum is one that {@link depthwiseStage} computes. */
export function isDepthwise({ filters, output, placement, tapStep, target }: SlidingSum): boolean {
  return (
    filters.channels === 1 &&
    filters.filters === 1 &&
    output.length === 2 &&
    output[1] >= 4 &&
    filters.kernel <= MOST_TAPS &&
    filters.kernel > 1 &&
    placement.size.length === 2 &&
    placement.split === 1 &&
    Math.abs(tapStep[1]) === 1 &&
    target.steps[1] === 1
  );
}

/** Computes y from placed planes of x, and from w as it lies. */
export function depthwiseStage(sum: SlidingSum, x: number, w: number, y: number): Stage {
  const { images, filters, placement, output, stride, tapStart, tapStep, target } = sum;
  const shape = placedShape(placement);
  const [step] = contiguousStrides(shape);
  const [height, width] = filters.sizes;
  const turned = tapStep[1] < 0;
  const whole = target.plane === sizeOf(output);
  const key = `${height} ${width} ${turned} ${whole}`;
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = depthwiseCode(height, width, turned, whole)));
  // Of taps that lie further back, the last is the first in memory.
  const corner = tapStart[0] * step + tapStart[1] - (turned ? width - 1 : 0);
  return stage(
    code,
    {
      x: x + 4 * corner,
      w: w + 4 * filters.start,
      y: y + 4 * target.start,
      groups: filters.groups,
      wGroup: 4 * filters.groupStep,
      wRow: 4 * filters.steps[0],
      wColumn: 4 * filters.steps[1],
      xPlane: 4 * sizeOf(shape),
      xRow: 4 * step * stride[0],
      xTapRow: 4 * step * tapStep[0],
      yPlane: 4 * target.plane,
      yRow: 4 * target.steps[0],
      rows: output[0],
      width: output[1],
    },
    images * filters.groups,
    (sizeOf(output) * filters.kernel) / 15,
  );
}
