import { floats, type NdArray, type OpSample, type SearchSamples } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import {
  affineInputs,
  allowing,
  channelStatistics,
  inferred,
  meanAndVariance,
  momenta,
  moved,
  named,
  present,
  type Running,
  runningInputs,
  throughRunning,
  vias,
} from '../running-search.laws.js';
import { batches, conditioned, epsilons, normalisedBy, spaces, stepOf } from '../search-space.laws.js';
import { instanceNorm } from './instance-norm.js';
import { instanceNormLayer } from './layer.js';

interface Search extends Running {
  /** One image, without a batch. */
  readonly single: boolean;
}

export function instanceNormCall(a: Search, x: Tensor, ...rest: Tensor[]): Tensor | Tensor[] {
  if (a.via !== 'function')
    return throughRunning(instanceNormLayer(a.options), a, x, rest, x.shape.slice(a.single ? 0 : 1));
  const { weight, bias } = named(a.names, rest);
  return instanceNorm(x, weight, bias, present({ eps: a.options.eps }));
}

const group = ([n, channel]: readonly number[]): string => `${n} ${channel}`;
/** As a batch. */
const batchOf = (single: boolean, { shape, data }: NdArray): NdArray => ({
  shape: single ? [1, ...shape] : shape,
  data,
});

export const instanceNormSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      via: vias,
      batch: batches,
      channels: fc.integer({ min: 1, max: 3 }),
      space: spaces(1, 3),
      eps: epsilons,
      momentum: momenta(-0.5, 1.5),
      affine: fc.constantFrom(true, false, undefined),
      bias: fc.constantFrom(true, false, undefined),
      track: fc.constantFrom(true, false, undefined),
      allowed: fc.constantFrom('any', 'one', 'several'),
      alone: fc.boolean(),
      single: fc.boolean(),
    })
    .filter(({ space }) => sizeOf(space) > 1)
    .map(({ via, batch, channels, space, track, allowed, alone, single, ...settings }): OpSample<Search> => {
      const options = present({ ...settings, trackRunningStats: track, ...allowing(allowed, space.length) });
      const params = affineInputs(channels, options);
      // A function takes a bias without a weight too.
      if (via === 'function' && alone) delete params['weight'];
      const state = via !== 'function' && track ? runningInputs(options, meanAndVariance(channels)) : {};
      const rest = { ...params, ...state };
      // A layer knows an image by the number of its axes.
      const one = single && via !== 'function' && allowed === 'one';
      const attrs = { via, options, names: Object.keys(rest), single: one };
      const image = [channels, ...space];
      return { attrs, inputs: [floats(one ? image : [batch, ...image]), ...Object.values(rest)] };
    }),
  step: ({ options: { eps = 1e-5 } }) => stepOf({ eps }),
  float32Bound: ({ options: { eps = 1e-5 }, single }, x) => conditioned({ group, eps }, batchOf(single, x)),
  // Running statistics are constants for the gradient.
  gradientsOf: 1,
  oracle({ via, options, names, single }, given, ...rest): NdArray | NdArray[] {
    const x = batchOf(single, given);
    const as = (y: NdArray): NdArray => ({ shape: given.shape, data: y.data });
    const by = named(names, rest);
    const { eps = 1e-5 } = options;
    const { running_mean: mean, running_var: variance } = by;
    if (via === 'inference' && mean !== undefined) return as(inferred(eps, x, by));
    const y = as(normalisedBy({ group, place: ([, c]) => c, centred: true, eps }, x, by['weight'], by['bias']));
    if (via !== 'training' || mean === undefined) return y;
    const [N, C, ...space] = x.shape;
    // The means over the samples of the statistics of each.
    const each = Array.from({ length: N }, (_, n) => {
      const size = C * sizeOf(space);
      const sample = { shape: [1, C, ...space], data: Array.from(x.data).slice(n * size, (n + 1) * size) };
      return channelStatistics(sample);
    });
    const average = (of: 0 | 1): number[] =>
      Array.from({ length: C }, (_, c) => each.reduce((sum, s) => sum + s[of][c], 0) / N);
    const batch = N === 0 ? null : [average(0), average(1)];
    return [y, ...moved(options, [mean, variance!], by['num_batches_tracked'], batch)];
  },
};
