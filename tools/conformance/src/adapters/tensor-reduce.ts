import {
  amax,
  amin,
  type ArgumentOptions,
  argmax,
  argmin,
  cumsum,
  logsumexp,
  max,
  mean,
  min,
  prod,
  type ReduceOptions,
  std,
  sum,
  type Tensor,
  type ValuesAndIndices,
  variance,
} from '@lemmata/tensor';
import type { Adapter, Adapters } from '../adapter.js';
import type { Args } from '../args.js';

/** PyTorch reads an empty list of axes as all axes. */
function axes(args: Args): number | readonly number[] | undefined {
  const dim = args.get<number | readonly number[]>('dim');
  return Array.isArray(dim) && dim.length === 0 ? undefined : dim;
}

const reduction =
  (f: (x: Tensor, options: ReduceOptions) => Tensor): Adapter =>
  ({ args }) =>
    f(args.tensor('input'), { axis: axes(args), keepdims: args.flag('keepdim') });

const spread =
  (f: (x: Tensor, options: ReduceOptions & { correction?: number | undefined }) => Tensor): Adapter =>
  ({ args }) =>
    f(args.tensor('input'), {
      axis: axes(args),
      keepdims: args.flag('keepdim'),
      correction: args.number('correction'),
    });

const argument =
  (f: (x: Tensor, options: ArgumentOptions) => Tensor): Adapter =>
  ({ args }) =>
    f(args.tensor('input'), { axis: args.number('dim'), keepdims: args.flag('keepdim') });

const picked =
  (f: (x: Tensor, axis: number, options: { keepdims?: boolean | undefined }) => ValuesAndIndices): Adapter =>
  ({ args }) => {
    const { values, indices } = f(args.tensor('input'), args.number('dim')!, { keepdims: args.flag('keepdim') });
    return { out: { values, indices } };
  };

export const tensorReduce: Adapters = {
  sum: reduction(sum),
  mean: reduction(mean),
  prod: reduction(prod),
  amax: reduction(amax),
  amin: reduction(amin),
  logsumexp: reduction(logsumexp),
  var: spread(variance),
  std: spread(std),
  argmax: argument(argmax),
  argmin: argument(argmin),
  max: picked(max),
  min: picked(min),
  cumsum: ({ args }) => cumsum(args.tensor('input'), args.number('dim')!),
};
