import { floats, type NdArray, type OpSample, type SearchSamples, uniform } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { channelStatistics, inferred, moved, type Running, throughRunning } from '../batch-norm/search.laws.js';
import { affines, batches, epsilons, normalisedBy, spaces, stepOf } from '../search-space.laws.js';
import { instanceNorm } from './instance-norm.js';
import { instanceNormLayer } from './layer.js';

export function instanceNormCall(a: Running, x: Tensor, ...params: Tensor[]): Tensor | Tensor[] {
  const { via, eps, momentum, given } = a;
  if (via === 'function') return instanceNorm(x, params[0], params[1], { eps });
  const options = { eps, momentum, affine: given !== 'neither', bias: given === 'both', trackRunningStats: true };
  return throughRunning(instanceNormLayer(options), a, x, params);
}

export const instanceNormSearch: SearchSamples<Running> = {
  samples: fc
    .record({
      via: fc.constantFrom<Running['via'][]>('function', 'training', 'inference'),
      batch: batches,
      channels: fc.integer({ min: 1, max: 3 }),
      space: spaces(1, 3),
      eps: epsilons,
      momentum: fc.constantFrom(0.1, 0, 1, 0.3),
      given: affines,
    })
    .filter(({ space }) => sizeOf(space) > 1)
    .map(({ batch, channels, space, ...attrs }): OpSample<Running> => {
      const params = attrs.given === 'both' ? 2 : attrs.given === 'weight' ? 1 : 0;
      const state = attrs.via === 'function' ? [] : [floats([channels]), floats([channels], uniform(0.1, 3))];
      const affine = Array.from({ length: params }, () => floats([channels]));
      const constant = state.map((input) => ({ ...input, constant: true as const }));
      return { attrs, inputs: [floats([batch, channels, ...space]), ...affine, ...constant] };
    }),
  step: stepOf,
  // Running statistics are constants for the gradient.
  gradientsOf: 1,
  oracle(a, x, ...rest): NdArray | NdArray[] {
    const params = a.given === 'both' ? 2 : a.given === 'weight' ? 1 : 0;
    const [weight, bias] = rest.slice(0, params);
    if (a.via === 'inference') return inferred(a, x, [weight, bias], rest.slice(params) as [NdArray, NdArray]);
    const group = ([n, channel]: readonly number[]): string => `${n} ${channel}`;
    const y = normalisedBy({ group, place: ([, c]) => c!, centred: true, eps: a.eps }, x, weight, bias);
    if (a.via === 'function') return y;
    const [N, C, ...space] = x.shape as [number, number, ...number[]];
    // The means over the samples of the statistics of each.
    const each = Array.from({ length: N }, (_, n) => {
      const size = C * sizeOf(space);
      const sample = { shape: [1, C, ...space], data: Array.from(x.data).slice(n * size, (n + 1) * size) };
      return channelStatistics(sample);
    });
    const mean = (of: 0 | 1): number[] =>
      Array.from({ length: C }, (_, c) => each.reduce((sum, s) => sum + s[of][c]!, 0) / N);
    return [y, ...moved(a, rest.slice(params) as [NdArray, NdArray], N === 0 ? null : [mean(0), mean(1)])];
  },
};
