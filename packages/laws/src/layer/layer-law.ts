import type { Layer } from '@lemmata/nn';
import type { Law, Mutant } from '../law.js';
import { layerCases, showLayerCase, type LayerCase, type LayerSamples } from './layer-case.js';

/** The layers of all samples, in their order. */
export type Layers = readonly Layer<any, any>[];

/** How many times dearer a network is than a layer. */
const NETWORK_COST = 8;

type Part = Pick<Law<Layers, LayerCase>, 'name' | 'statement' | 'formula' | 'holds' | 'mutants' | 'cost'>;

export function layerLaw(samples: LayerSamples, part: Part): Law<Layers, LayerCase> {
  return {
    ...part,
    ...(samples.network === true ? { cost: NETWORK_COST * (part.cost ?? 1) } : {}),
    subject: samples.samples.map(({ layer }) => layer),
    cases: layerCases(samples),
    show: (example) => showLayerCase(samples, example),
  };
}

/** A bug in a layer. `bites` as in {@link Mutant}. */
export function layerMutant(
  name: string,
  wrong: (layer: Layer<any, any>, bites: () => void) => Partial<Layer<any, any>>,
  options: { readonly conditional?: true } = {},
): Mutant<Layers> {
  return { name, ...options, plant: (layers, bites) => layers.map((layer) => ({ ...layer, ...wrong(layer, bites) })) };
}
