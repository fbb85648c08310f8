import { floats, type NdArray, type OpSample, type SearchSamples } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import {
  affineInputs,
  momenta,
  moved,
  named,
  present,
  type Running,
  runningInputs,
  throughRunning,
  vias,
} from '../running-search.laws.js';
import { batches, spaces } from '../search-space.laws.js';
import { decorrelatedBatchNorm, decorrelatedBatchNormInference } from './decorrelated-batch-norm.js';
import { type DecorrelatedBatchNormLayerOptions, decorrelatedBatchNormLayer } from './layer.js';
import { matrices } from './matrices.laws.js';
import { whitened, whiteningOf } from './oracle.laws.js';

type Search = Running<DecorrelatedBatchNormLayerOptions>;

export function decorrelatedCall(a: Search, x: Tensor, ...rest: Tensor[]): Tensor | Tensor[] {
  if (a.via !== 'function') return throughRunning(decorrelatedBatchNormLayer(a.options), a, x, rest);
  const { weight, bias, running_mean: mean, running_whitening: whitening } = named(a.names, rest);
  if (mean !== undefined) return decorrelatedBatchNormInference(x, mean, whitening!, weight, bias);
  const { groups, eps } = a.options;
  return decorrelatedBatchNorm(x, weight, bias, present({ groups, eps }));
}

export const decorrelatedSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      via: vias,
      batch: batches,
      groups: fc.constantFrom(1, 2, undefined),
      each: fc.integer({ min: 1, max: 3 }),
      space: spaces(0, 2),
      eps: fc.constantFrom(1e-2, 0.1, 0.5, undefined),
      momentum: momenta(-0.5, 1.5),
      affine: fc.constantFrom(true, false, undefined),
      track: fc.constantFrom(true, false, undefined),
      alone: fc.boolean(),
    })
    .map(({ via, batch, each, space, track, alone, ...settings }): OpSample<Search> => {
      const options = present({ ...settings, trackRunningStats: track });
      const { groups = 1, affine = true } = options;
      const channels = groups * each;
      const params = affineInputs(channels, { affine });
      // A function takes a bias without a weight too.
      if (via === 'function' && alone) delete params['weight'];
      const keeps = via === 'function' ? track === true : track !== false;
      const statistics = { running_mean: floats([channels]), running_whitening: floats([groups, each, each]) };
      const state = keeps ? runningInputs(via === 'function' ? {} : options, statistics) : {};
      const rest = { ...params, ...state };
      return {
        attrs: { via, options, names: Object.keys(rest) },
        inputs: [floats([batch, channels, ...space]), ...Object.values(rest)],
      };
    })
    // One value has no covariance.
    .filter(({ attrs: { via, names }, inputs: [x] }) => {
      const alone = sizeOf([x.shape[0], ...x.shape.slice(2)]) === 1;
      return !alone || (via !== 'training' && names.includes('running_mean'));
    }),
  bound: { relative: 1e-8, absolute: 1e-8, reason: 'the roots of the oracle come from an iteration' },
  // Running statistics are constants for the gradient.
  gradientsOf: 1,
  step: ({ options: { eps = 1e-3 } }) => Math.min(2 ** -11, 2 ** -9 * Math.sqrt(eps)),
  oracle({ via, options, names }, x, ...rest): NdArray | NdArray[] {
    const { weight, bias, running_mean: mean, running_whitening: whitening, num_batches_tracked } = named(names, rest);
    if (via !== 'training' && mean !== undefined)
      return whitened(x, { means: mean.data, matrices: matrices(whitening!, false) }, weight, bias);
    const batch = whiteningOf(options, x);
    const y = whitened(x, batch, weight, bias);
    if (via !== 'training' || mean === undefined) return y;
    const own = x.data.length === 0 ? null : [batch.means, batch.matrices.flat(2)];
    return [y, ...moved(options, [mean, whitening!], num_batches_tracked, own)];
  },
};
