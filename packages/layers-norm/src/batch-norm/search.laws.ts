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
import { batchNorm, batchNormInference } from './batch-norm.js';
import { batchNormLayer } from './layer.js';

export function batchNormCall(a: Running, x: Tensor, ...rest: Tensor[]): Tensor | Tensor[] {
  if (a.via !== 'function') return throughRunning(batchNormLayer(a.options), a, x, rest);
  const { weight, bias, running_mean: mean, running_var: variance } = named(a.names, rest);
  const options = present({ eps: a.options.eps });
  return mean === undefined
    ? batchNorm(x, weight, bias, options)
    : batchNormInference(x, mean, variance!, weight, bias, options);
}

const group = ([, channel]: readonly number[]): string => String(channel);

export const batchNormSearch: SearchSamples<Running> = {
  samples: fc
    .record({
      via: vias,
      batch: batches,
      channels: fc.integer({ min: 1, max: 3 }),
      space: spaces(0, 3),
      eps: epsilons,
      momentum: momenta(),
      affine: fc.boolean(),
      bias: fc.constantFrom(true, false, undefined),
      track: fc.constantFrom(true, false, undefined),
      allowed: fc.constantFrom('any', 'one', 'several'),
      alone: fc.boolean(),
    })
    .map(({ via, batch, channels, space, track, allowed, alone, ...settings }): OpSample<Running> => {
      const options = present({ ...settings, trackRunningStats: track, ...allowing(allowed, space.length) });
      const params = affineInputs(channels, options);
      // A function takes a bias without a weight too.
      if (via === 'function' && alone) delete params['weight'];
      const keeps = via === 'function' ? track === true : track !== false;
      const state = keeps ? runningInputs(via === 'function' ? {} : options, meanAndVariance(channels)) : {};
      const rest = { ...params, ...state };
      const attrs = { via, options, names: Object.keys(rest) };
      return { attrs, inputs: [floats([batch, channels, ...space]), ...Object.values(rest)] };
    })
    // One value has no variance of its own.
    .filter(({ attrs: { via, names }, inputs: [x] }) => {
      const alone = sizeOf([x.shape[0], ...x.shape.slice(2)]) === 1;
      return !alone || (via !== 'training' && names.includes('running_mean'));
    }),
  step: ({ options: { eps = 1e-5 } }) => stepOf({ eps }),
  float32Bound: ({ options: { eps = 1e-5 } }, x) => conditioned({ group, eps }, x),
  // Running statistics are constants for the gradient.
  gradientsOf: 1,
  oracle({ via, options, names }, x, ...rest): NdArray | NdArray[] {
    const by = named(names, rest);
    const { eps = 1e-5 } = options;
    const { running_mean: mean, running_var: variance } = by;
    if (via !== 'training' && mean !== undefined) return inferred(eps, x, by);
    const y = normalisedBy({ group, place: ([, c]) => c, centred: true, eps }, x, by['weight'], by['bias']);
    if (via !== 'training' || mean === undefined) return y;
    const batch = x.data.length === 0 ? null : channelStatistics(x);
    return [y, ...moved(options, [mean, variance!], by['num_batches_tracked'], batch)];
  },
};
