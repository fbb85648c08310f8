import { floats, type OpSample, type SearchSamples, throughLayer } from '@lemmata/laws';
import type { Shape } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import {
  type Affine,
  affines,
  conditioned,
  countOf,
  epsilons,
  normalisedBy,
  type Rule,
  stepOf,
  weightAndBias,
} from '../search-space.laws.js';
import { layerNorm } from './layer-norm.js';
import { layerNormLayer } from './layer.js';

export interface TrailingSearch {
  readonly layer: boolean;
  /** The last axes. */
  readonly last: Shape;
  readonly eps: number;
  readonly given: Affine;
}

export function layerNormCall({ layer, last, eps, given }: TrailingSearch, x: Tensor, ...params: Tensor[]): Tensor {
  const normalizedShape = last.length === 1 ? last[0] : last;
  if (!layer) return layerNorm(x, normalizedShape, ...weightAndBias(given, params), { eps });
  const made = layerNormLayer({ normalizedShape, eps, affine: given !== 'neither', bias: given === 'both' });
  return throughLayer(made, params, x);
}

/** Statistics over the last axes, and weights by the place in them. */
export function trailingRule({ last, eps }: TrailingSearch, shape: Shape, centred: boolean): Rule {
  const lead = shape.length - last.length;
  return {
    group: (index) => index.slice(0, lead).join(' '),
    place: (index) => index.slice(lead).reduce((at, i, axis) => at * last[axis] + i, 0),
    centred,
    eps,
  };
}

/** Any number of axes before those that are normalised. */
export const trailing = (among: fc.Arbitrary<Affine>): fc.Arbitrary<OpSample<TrailingSearch>> =>
  fc
    .record({
      layer: fc.boolean(),
      lead: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
      last: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      eps: epsilons,
      given: among,
    })
    .map(({ layer, lead, last, eps, given }) => ({
      // A layer is given a batch.
      attrs: { layer: layer && lead.length > 0 && given !== 'bias', last, eps, given },
      inputs: [floats([...lead, ...last]), ...Array.from({ length: countOf(given) }, () => floats(last))],
    }));

export const layerNormSearch: SearchSamples<TrailingSearch> = {
  samples: trailing(affines),
  float32Bound: (a, x) => conditioned(trailingRule(a, x.shape, true), x),
  step: stepOf,
  oracle: (a, x, ...params) => normalisedBy(trailingRule(a, x.shape, true), x, ...weightAndBias(a.given, params)),
};
