import { f32, f32x4, i32, v128, type FunctionBuilder, type I32, type Local, type V128 } from '../assembler/index.js';
import type { KernelCode } from '../code.js';
import { COLUMNS, ROWS } from './micro.js';

export type PackField =
  | 'from'
  | 'to'
  | 'along'
  | 'depth'
  | 'alongStride'
  | 'depthStride'
  | 'batchStride'
  | 'panels'
  | 'tall';

/**
 * Copies a matrix into panels of rows (or columns), each as [depth][width]: the first `tall` are `width` wide, the others one
 * less, or, if `fill`, all are and the last is filled up with zeros. A unit is one panel; those of all matrices of a batch
 * follow each other. Strides in bytes.
 */
function packer(width: number, fill: boolean): KernelCode<PackField> {
  return {
    name: `gemm.pack ${width}${fill ? ' filled' : ''}`,
    fields: ['from', 'to', 'along', 'depth', 'alongStride', 'depthStride', 'batchStride', 'panels', 'tall'],
    build(f, args, begin, end) {
      const depth = f.let(args.depth);
      const along = f.let(args.along);
      const alongStride = f.let(args.alongStride);
      const depthStride = f.let(args.depthStride);
      const panels = f.let(args.panels);
      const tall = f.let(args.tall);
      const perMatrix = f.let(fill ? i32.mul(panels, width) : along);
      f.range(begin, end, 1, (unit) => {
        const matrix = f.let(i32.div_u(unit, panels));
        const panel = f.let(i32.rem_u(unit, panels));
        const pack = (start: I32, wide: number): void => {
          if (wide === 0) return;
          const first = f.let(start);
          const from = f.let(
            i32.add(i32.add(args.from, i32.mul(matrix, args.batchStride)), i32.mul(first, alongStride)),
          );
          const place = i32.mul(i32.add(i32.mul(matrix, perMatrix), first), depth);
          const to = f.let(i32.add(args.to, i32.shl(place, 2)));
          const whole = (): void =>
            f.if(
              i32.eq(alongStride, 4),
              () => rows(f, wide, from, to, depth, depthStride),
              () =>
                f.if(
                  i32.eq(depthStride, 4),
                  () => transposed(f, wide, from, to, depth, alongStride),
                  () => edge(f, wide, from, to, depth, i32.const(wide), alongStride, depthStride),
                ),
            );
          if (!fill) return whole();
          const rest = f.let(i32.sub(along, first));
          f.if(i32.lt_s(rest, wide), () => edge(f, wide, from, to, depth, rest, alongStride, depthStride), whole);
        };
        f.if(
          i32.lt_u(panel, tall),
          () => pack(i32.mul(panel, width), width),
          () => {
            if (!fill) pack(i32.add(i32.mul(panel, width - 1), tall), width - 1);
          },
        );
      });
    },
  };
}

/** Packs a in panels of so many rows, or one less. */
export const packA: readonly KernelCode<PackField>[] = Array.from({ length: ROWS + 1 }, (_, rows) =>
  packer(rows, false),
);
/** Packs b in panels of {@link COLUMNS}. */
export const packB: KernelCode<PackField> = packer(COLUMNS, true);

/** The elements of a panel's row lie side by side. */
function rows(f: FunctionBuilder, width: number, from: I32, to: I32, depth: I32, depthStride: I32): void {
  const p = f.let(from);
  const q = f.let(to);
  f.repeat(f.let(depth), () => {
    for (let i = 0; i + 4 <= width; i += 4) f.do(v128.store(q, v128.load(p, 4 * i), 4 * i));
    for (let i = width - (width % 4); i < width; i++) f.do(f32.store(q, f32.load(p, 4 * i), 4 * i));
    f.set(p, i32.add(p, depthStride));
    f.set(q, i32.add(q, 4 * width));
  });
}

/** The elements of a panel's column lie side by side: squares of 4 are turned in registers. */
function transposed(f: FunctionBuilder, width: number, from: I32, to: I32, depth: I32, alongStride: I32): void {
  const pointers = Array.from({ length: width }, (_, i) => f.let(i32.add(from, i32.mul(alongStride, i))));
  const q = f.let(to);
  const step = (bytes: number, out: number): void => {
    for (const p of pointers) f.set(p, i32.add(p, bytes));
    f.set(q, i32.add(q, out));
  };
  f.repeat(f.let(i32.shr_u(depth, 2)), () => {
    for (let i = 0; i + 4 <= width; i += 4) {
      const square = pointers.slice(i, i + 4).map((p) => f.let(v128.load(p)));
      turn(f, square).forEach((column, k) => f.do(v128.store(q, column, 4 * (k * width + i))));
    }
    const squares = width - (width % 4);
    const rest = pointers.slice(squares).map((p) => f.let(v128.load(p)));
    for (let k = 0; k < 4; k++)
      rest.forEach((lanes, i) => f.do(v128.store32_lane(q, lanes, k, 4 * (k * width + squares + i))));
    step(16, 16 * width);
  });
  f.repeat(f.let(i32.and(depth, 3)), () => {
    pointers.forEach((p, i) => f.do(f32.store(q, f32.load(p), 4 * i)));
    step(4, 4 * width);
  });
}

/** The transpose of a 4×4 square of float32. */
export function turn(f: FunctionBuilder, rows: readonly V128[]): V128[] {
  const [a, b, c, d] = rows;
  const ab = [f.let(v128.shuffle32(a, b, [0, 4, 1, 5])), f.let(v128.shuffle32(a, b, [2, 6, 3, 7]))];
  const cd = [f.let(v128.shuffle32(c, d, [0, 4, 1, 5])), f.let(v128.shuffle32(c, d, [2, 6, 3, 7]))];
  return [0, 1].flatMap((half) => [
    v128.shuffle32(ab[half], cd[half], [0, 1, 4, 5]),
    v128.shuffle32(ab[half], cd[half], [2, 3, 6, 7]),
  ]);
}

/** Any strides; `count` of the panel's rows are there, the others become 0. */
function edge(
  f: FunctionBuilder,
  width: number,
  from: I32,
  to: I32,
  depth: I32,
  count: I32,
  alongStride: I32,
  depthStride: I32,
): void {
  const start: Local<'i32'> = f.let(from);
  const q = f.let(to);
  const zero = f.let(f32x4.splat(0));
  f.repeat(f.let(depth), () => {
    if (width >= 4) f.do(v128.store(q, zero), v128.store(q, zero, 4 * (width - 4)));
    const p = f.let(start);
    f.range(0, count, 1, (i) => {
      f.do(f32.store(i32.add(q, i32.shl(i, 2)), f32.load(p)));
      f.set(p, i32.add(p, alongStride));
    });
    f.set(start, i32.add(start, depthStride));
    f.set(q, i32.add(q, 4 * width));
  });
}
