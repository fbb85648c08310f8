import { type KernelCode, type Stage, stage } from '@lemmata/backend-wasm';
import { f32, f32x4, type F32, i32, type Local, v128 } from '@lemmata/backend-wasm/assembler';
import { contiguousStrides, sizeOf } from '@lemmata/shape';
import { placedShape } from './place.js';
import type { SlidingSum } from './sliding-sum.js';

type Field =
  | 'x'
  | 'y'
  | 'w'
  | 'images'
  | 'xGroup'
  | 'xImage'
  | 'xRow'
  | 'xTapRow'
  | 'yGroup'
  | 'yImage'
  | 'rows'
  | 'width';

/** Sums that stay in registers, beside what is loaded. */
const MOST_TAPS = 9;

/**
 * w[g, i, j] = Σ over images and windows of y · x, for one filter of one channel in each group. A unit is a group. Sums of an image
 * are added to those of the others, so that errors grow with the number of images and not of windows.
 */
function depthwiseWeightCode(height: number, width: number): KernelCode<Field> {
  return {
    name: `conv.depthwiseWeight ${height} ${width}`,
    fields: ['x', 'y', 'w', 'images', 'xGroup', 'xImage', 'xRow', 'xTapRow', 'yGroup', 'yImage', 'rows', 'width'],
    build(f, args, begin, end, target) {
      const xTapRow = f.let(args.xTapRow);
      const places = Array.from({ length: height * width }, (_, t) => ({
        row: Math.floor(t / width),
        column: t % width,
      }));
      const vectors = f.let(i32.shr_u(args.width, 2));
      const rest = f.let(i32.and(args.width, 3));
      f.range(begin, end, 1, (group) => {
        const totals = places.map(() => f.let(f32x4.splat(0)));
        const x = f.let(i32.add(args.x, i32.mul(group, args.xGroup)));
        const y = f.let(i32.add(args.y, i32.mul(group, args.yGroup)));
        f.repeat(f.let(args.images), () => {
          const sums = places.map(() => f.let(f32x4.splat(0)));
          const line = f.let(x);
          const q = f.let(y);
          f.repeat(f.let(args.rows), () => {
            const lines = Array.from({ length: height }, (_, i) => f.let(i32.add(line, i32.mul(xTapRow, i))));
            const turns = (
              count: Local<'i32'>,
              bytes: number,
              load: typeof v128.load | typeof v128.load32_zero,
            ): void =>
              f.repeat(f.let(count), () => {
                const upstream = f.let(load(q));
                places.forEach(({ row, column }, t) =>
                  f.set(sums[t], target.madd(upstream, load(lines[row], 4 * column), sums[t])),
                );
                for (const p of [q, ...lines]) f.set(p, i32.add(p, bytes));
              });
            turns(vectors, 16, v128.load);
            turns(rest, 4, v128.load32_zero);
            f.set(line, i32.add(line, args.xRow));
          });
          totals.forEach((total, t) => f.set(total, f32x4.add(total, sums[t])));
          f.set(x, i32.add(x, args.xImage));
          f.set(y, i32.add(y, args.yImage));
        });
        const w = f.let(i32.add(args.w, i32.mul(group, 4 * places.length)));
        totals.forEach((total, t) => {
          const lane = (k: number): F32 => f32x4.extract_lane(total, k);
          f.do(f32.store(w, f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3))), 4 * t));
        });
      });
    },
  };
}

const codes = new Map<string, KernelCode<Field>>();

/** Whether a gradient of w is one that {@link depthwiseWeightStage} computes. */
export function isDepthwiseWeight({ filters, output, placement, tapStep }: SlidingSum): boolean {
  return (
    filters.channels === 1 &&
    filters.filters === 1 &&
    output.length === 2 &&
    output[1] >= 4 &&
    filters.kernel > 1 &&
    filters.kernel <= MOST_TAPS &&
    placement.size.length === 2 &&
    placement.split === 1 &&
    tapStep[1] === 1
  );
}

/** Computes the gradient of w from placed planes of x, and from y as it lies. */
export function depthwiseWeightStage(sum: SlidingSum, x: number, y: number, w: number): Stage {
  const { images, filters, placement, output, stride, tapStart, tapStep } = sum;
  const { groups } = filters;
  const shape = placedShape(placement);
  const [step] = contiguousStrides(shape);
  const [height, width] = filters.sizes;
  const key = `${height} ${width}`;
  let code = codes.get(key);
  if (code === undefined) codes.set(key, (code = depthwiseWeightCode(height, width)));
  const [xGroup, yGroup] = [4 * sizeOf(shape), 4 * sizeOf(output)];
  return stage(
    code,
    {
      x: x + 4 * (tapStart[0] * step + tapStart[1]),
      y,
      w,
      images,
      xGroup,
      xImage: groups * xGroup,
      xRow: 4 * step * stride[0],
      xTapRow: 4 * step * tapStep[0],
      yGroup,
      yImage: groups * yGroup,
      rows: output[0],
      width: output[1],
    },
    groups,
    (images * sizeOf(output) * filters.kernel) / 15,
  );
}
