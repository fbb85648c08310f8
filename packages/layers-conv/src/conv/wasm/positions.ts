import { type KernelCode } from '@lemmata/backend-wasm';
import { i32, type I32, type Local } from '@lemmata/backend-wasm/assembler';

/** Bytes of an entry: where a window lies in x and in y, its first tap, and how many rows and taps of each. */
export const POSITION_BYTES = 16;
/** Taps that an entry can count. */
export const MOST_TAPS: number = 2 ** 16;

type PositionField =
  | 'to'
  | 'rows'
  | 'columns'
  | 'kernelRows'
  | 'kernelColumns'
  | 'channels'
  | 'startRow'
  | 'startColumn'
  | 'stepRow'
  | 'stepColumn'
  | 'slideRow'
  | 'slideColumn'
  | 'height'
  | 'width'
  | 'xWindow'
  | 'xRow'
  | 'yStart'
  | 'yRow'
  | 'yColumn';

/**
 * The table of windows along two axes, one by one, each with the taps that meet more than padding: some of every one of some
 * rows, in a list of taps by rows, columns and channels.
 */
export const positions: KernelCode<PositionField> = {
  name: 'conv.positions',
  fields: [
    'to',
    'rows',
    'columns',
    'kernelRows',
    'kernelColumns',
    'channels',
    'startRow',
    'startColumn',
    'stepRow',
    'stepColumn',
    'slideRow',
    'slideColumn',
    'height',
    'width',
    'xWindow',
    'xRow',
    'yStart',
    'yRow',
    'yColumn',
  ],
  build(f, args) {
    const to = f.let(args.to);
    /** The first kernel element along an axis that meets more than padding, and the one behind the last. */
    const range = (at: I32, step: I32, kernel: I32, size: I32): [Local<'i32'>, Local<'i32'>] => {
      const [base, first, end] = [f.let(at), f.let(i32.const(0)), f.let(kernel)];
      const padding = (k: I32): I32 => i32.ge_u(i32.add(base, i32.mul(k, step)), size);
      f.while(i32.and(i32.lt_u(first, end), padding(first)), () => f.set(first, i32.add(first, 1)));
      f.while(i32.and(i32.gt_u(end, first), padding(i32.sub(end, 1))), () => f.set(end, i32.sub(end, 1)));
      return [first, end];
    };
    f.range(0, args.rows, 1, (row) => {
      const down = f.let(i32.mul(row, args.slideRow));
      const [top, bottom] = range(i32.add(args.startRow, down), args.stepRow, args.kernelRows, args.height);
      f.range(0, args.columns, 1, (column) => {
        const along = f.let(i32.mul(column, args.slideColumn));
        const [left, right] = range(i32.add(args.startColumn, along), args.stepColumn, args.kernelColumns, args.width);
        const first = i32.add(i32.mul(top, args.kernelColumns), left);
        const taps = i32.mul(i32.sub(right, left), args.channels);
        f.do(
          i32.store(to, i32.add(i32.mul(down, args.xRow), i32.mul(along, args.xWindow))),
          i32.store(to, i32.add(args.yStart, i32.add(i32.mul(row, args.yRow), i32.mul(column, args.yColumn))), 4),
          i32.store(to, i32.mul(first, args.channels), 8),
          i32.store(to, i32.or(i32.shl(i32.sub(bottom, top), 16), taps), 12),
        );
        f.set(to, i32.add(to, POSITION_BYTES));
      });
    });
  },
};
