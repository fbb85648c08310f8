import { floats, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import {
  type Affine,
  affines,
  batches,
  conditioned,
  countOf,
  epsilons,
  normalisedBy,
  spaces,
  stepOf,
  weightAndBias,
} from '../search-space.laws.js';
import { groupNorm } from './group-norm.js';
import { groupNormLayer } from './layer.js';

interface Search {
  readonly layer: boolean;
  readonly groups: number;
  readonly eps: number;
  readonly given: Affine;
}

export function groupNormCall({ layer, groups, eps, given }: Search, x: Tensor, ...params: Tensor[]): Tensor {
  if (!layer) return groupNorm(x, groups, ...weightAndBias(given, params), { eps });
  const made = groupNormLayer({ groups, eps, affine: given !== 'neither', bias: given === 'both' });
  return throughLayer(made, params, x);
}

const grouping =
  (groups: number, shape: readonly number[]) =>
  ([n, channel]: readonly number[]): string =>
    `${n} ${Math.floor((channel * groups) / shape[1])}`;

export const groupNormSearch: SearchSamples<Search> = {
  samples: fc
    .record({
      layer: fc.boolean(),
      batch: batches,
      groups: fc.integer({ min: 1, max: 3 }),
      each: fc.integer({ min: 1, max: 3 }),
      space: spaces(0, 3),
      eps: epsilons,
      given: affines,
    })
    // One value has no variance.
    .filter(({ each, space }) => each * sizeOf(space) > 1)
    .map(({ layer, batch, groups, each, space, eps, given }): OpSample<Search> => {
      const channels = groups * each;
      return {
        attrs: { layer: layer && given !== 'bias', groups, eps, given },
        inputs: [
          floats([batch, channels, ...space]),
          ...Array.from({ length: countOf(given) }, () => floats([channels])),
        ],
      };
    }),
  step: stepOf,
  float32Bound: ({ groups, eps }, x) => conditioned({ group: grouping(groups, x.shape), eps }, x),
  oracle({ groups, eps, given }, x, ...params) {
    const [weight, bias] = weightAndBias(given, params);
    return normalisedBy(
      { group: grouping(groups, x.shape), place: ([, channel]) => channel, centred: true, eps },
      x,
      weight,
      bias,
    );
  },
};
