import { floats, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { batches, spaces } from '../search-space.laws.js';
import { decorrelatedBatchNorm } from './decorrelated-batch-norm.js';
import { decorrelatedBatchNormLayer } from './layer.js';
import { whitened } from './oracle.laws.js';

interface Search {
  readonly layer: boolean;
  readonly groups: number;
  readonly eps: number;
  readonly affine: boolean;
}

export function decorrelatedCall({ layer, groups, eps, affine }: Search, x: Tensor, w?: Tensor, b?: Tensor): Tensor {
  if (!layer) return decorrelatedBatchNorm(x, w, b, { groups, eps });
  return throughLayer(decorrelatedBatchNormLayer({ groups, eps, affine }), affine ? [w!, b!] : [], x);
}

export const decorrelatedSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      layer: fc.boolean(),
      batch: batches,
      groups: fc.integer({ min: 1, max: 2 }),
      each: fc.integer({ min: 1, max: 3 }),
      space: spaces(0, 2),
      eps: fc.constantFrom(1e-2, 0.1, 0.5),
      affine: fc.boolean(),
    })
    // One value has no covariance.
    .filter(({ batch, space }) => batch * sizeOf(space) !== 1)
    .map(({ batch, each, space, ...attrs }): OpSample<Search> => {
      const channels = attrs.groups * each;
      return {
        attrs,
        inputs: [
          floats([batch, channels, ...space]),
          ...(attrs.affine ? [floats([channels]), floats([channels])] : []),
        ],
      };
    }),
  bound: { relative: 1e-8, absolute: 1e-8, reason: 'the roots of the oracle come from an iteration' },
  oracle({ groups, eps }, x, weight, bias) {
    const channels = x.shape[1]!;
    const all = (value: number) => ({ shape: [channels], data: new Array<number>(channels).fill(value) });
    return whitened({ groups, eps }, x, weight ?? all(1), bias ?? all(0));
  },
};
