import {
  broadcastTo,
  chunk,
  concat,
  flip,
  gather,
  indexSelect,
  isTensor,
  narrow,
  oneHot,
  pad,
  type PadOptions,
  permute,
  reshape,
  roll,
  scatter,
  scatterAdd,
  select,
  slice,
  type SliceRange,
  split,
  squeeze,
  stack,
  type Tensor,
  tile,
  transpose,
  tril,
  triu,
  unsqueeze,
} from '@lemmata/tensor';
import { type Adapter, type Adapters, unsupported } from '../adapter.js';
import type { Args } from '../args.js';

const x = (args: Args): Tensor => args.tensor('input');
const dim = (args: Args): number | undefined => args.number('dim');

/** A number, or PyTorch's tensor of one. */
function position(args: Args): number {
  const start = args.get<number | Tensor>('start')!;
  return isTensor(start) ? start.item() : start;
}

type Sides = readonly [before: number, after: number];

/** PyTorch lists before, after, before, … of the last axes, the last one first: here as pairs, the first axis first. */
function sides(widths: readonly number[]): Sides[] {
  const pairs: Sides[] = [];
  for (let i = 0; i < widths.length; i += 2) pairs.unshift(widths.slice(i, i + 2) as unknown as Sides);
  return pairs;
}

const unchanged = (axes: number): Sides[] => Array.from({ length: Math.max(0, axes) }, () => [0, 0]);

/** A padding module for `rank` spatial axes, behind channels and perhaps a batch. */
const padModule =
  (rank: number, mode: PadOptions['mode']): Adapter =>
  ({ args, init }) => {
    const padding = init.get<number | number[]>('padding')!;
    const spatial = sides(typeof padding === 'number' ? new Array<number>(2 * rank).fill(padding) : padding);
    const input = x(args);
    const leading = unchanged(input.rank === rank + 1 ? 1 : 2);
    return pad(input, [...leading, ...spatial], { mode, value: init.number('value') });
  };

const PAD_MODES: Readonly<Record<string, PadOptions['mode']>> = {
  CircularPad: 'circular',
  ConstantPad: 'constant',
  ReflectionPad: 'reflect',
  ReplicationPad: 'replicate',
  ZeroPad: 'constant',
};

export const tensorShape: Adapters = {
  reshape: ({ args }) => reshape(x(args), args.list('shape')!),
  permute: ({ args }) => permute(x(args), args.list('dims')!),
  transpose: ({ args }) => transpose(x(args), args.number('dim0'), args.number('dim1')),
  squeeze: ({ args }) => squeeze(x(args), args.get<number | number[]>('dim')),
  unsqueeze: ({ args }) => unsqueeze(x(args), dim(args)!),
  // −1 leaves an axis as it is.
  expand: ({ args }) => {
    const size = args.list('size')!;
    const input = x(args);
    return broadcastTo(
      input,
      size.map((n, axis) => (n === -1 ? (input.shape[axis - size.length + input.rank] ?? n) : n)),
    );
  },
  cat: ({ args }) => concat(args.tensors('tensors'), dim(args)),
  stack: ({ args }) => stack(args.tensors('tensors'), dim(args)),
  chunk: ({ args }) => ({ out: { output: chunk(x(args), args.number('chunks')!, dim(args)) } }),
  split: ({ args }) => ({
    out: { output: split(args.tensor('tensor'), args.get<number | number[]>('split_size_or_sections')!, dim(args)) },
  }),
  narrow: ({ args }) => narrow(x(args), dim(args)!, position(args), args.number('length')!),
  select: ({ args }) => select(x(args), dim(args)!, args.number('index')!),
  slice: ({ args }) => slice(x(args), args.get<readonly SliceRange[]>('slices')!),
  flip: ({ args }) => flip(x(args), args.list('dims')),
  roll: ({ args }) => roll(x(args), args.get<number | number[]>('shifts')!, args.get<number | number[]>('dims')),
  repeat: ({ args }) => tile(x(args), args.list('repeats')!),
  tril: ({ args }) => tril(x(args), args.number('diagonal')),
  triu: ({ args }) => triu(x(args), args.number('diagonal')),
  gather: ({ args }) => gather(x(args), dim(args)!, args.tensor('index')),
  scatter: ({ args }) => {
    if (args.text('reduce') !== undefined) unsupported('reduce');
    return scatter(x(args), dim(args)!, args.tensor('index'), args.get<Tensor | number>('src')!);
  },
  scatter_add: ({ args }) => scatterAdd(x(args), dim(args)!, args.tensor('index'), args.tensor('src')),
  index_select: ({ args }) => indexSelect(x(args), dim(args)!, args.tensor('index')),
  one_hot: ({ args }) => {
    const classes = args.number('num_classes')!;
    // PyTorch's −1: as many as there are.
    return oneHot(x(args), classes === -1 ? undefined : classes, 'int32');
  },
  pad: ({ args }) => {
    const input = x(args);
    const last = sides(args.list('pad')!);
    return pad(input, [...unchanged(input.rank - last.length), ...last], {
      mode: args.get<PadOptions['mode']>('mode'),
      value: args.number('value'),
    });
  },
  ...Object.fromEntries(
    Object.entries(PAD_MODES).flatMap(([name, mode]) =>
      [1, 2, 3].map((rank) => [`nn.${name}${rank}d`, padModule(rank, mode)]),
    ),
  ),
};
