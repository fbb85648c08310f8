import { type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { trailing, trailingRule, type TrailingSearch } from '../layer-norm/search.laws.js';
import { normalisedBy, stepOf } from '../search-space.laws.js';
import { rmsNormLayer } from './layer.js';
import { rmsNorm } from './rms-norm.js';

export function rmsNormCall({ layer, last, eps, given }: TrailingSearch, x: Tensor, w?: Tensor): Tensor {
  if (!layer) return rmsNorm(x, last, w, { eps });
  return throughLayer(
    rmsNormLayer({ normalizedShape: last, eps, affine: given !== 'neither' }),
    [w].filter((t) => t !== undefined),
    x,
  );
}

export const rmsNormSearch: SearchSamples<TrailingSearch> = {
  samples: trailing(fc.constantFrom('weight', 'neither')),
  step: stepOf,
  oracle: (a, x, weight) => normalisedBy(trailingRule(a, x.shape, false), x, weight),
};
