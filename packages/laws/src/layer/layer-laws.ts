import * as fc from 'fast-check';
import type { Layer } from '@lemmata/nn';
import type { Shape } from '@lemmata/shape';
import { leaves } from '@lemmata/tree';
import { chosen, type Law, type Laws } from '../law.js';
import { Violation } from '../violation.js';
import { absorbLaw, affineLaw, foldLaw } from './fold.js';
import { everyParameterLaw, layerGradientLaw } from './gradient.js';
import { keyOf, type LayerSample, type LayerSamples } from './layer-case.js';
import { batchLaw, inferenceLaw, initLaw, outputShapeLaw, stateLaw, stochasticLaw } from './modes.js';

export type { LayerSample, LayerSamples };

/**
 * The laws of every layer: declared shape, gradients of parameters and input, independence of the rows of a batch, modes,
 * state and initialisation. What does not apply to a layer is declared in the samples, with the reason.
 *
 * @example
 * export const laws = layerLaws('linear', { samples: [{ layer: linear({ outFeatures: 4 }), inputShape: [3] }] });
 */
export function layerLaws(name: string, samples: LayerSamples): Laws {
  if (samples.samples.length === 0) throw new Error(`${name}: layerLaws needs at least one sample`);
  const learns = samples.samples.some(
    ({ layer, inputShape }) => leaves(layer.init(keyOf(1), inputShape).params).length > 0,
  );
  const has = (member: 'absorb' | 'affine' | 'fold'): boolean =>
    samples.samples.some(({ layer }) => layer[member] !== undefined);
  const idle = 'it has no parameters';
  // What stands at the end of a network is the last layer's matter.
  const inside = (member: 'absorb' | 'affine'): boolean => !samples.network && has(member);
  const within = (reason: string): string => (samples.network ? 'it is a network, whose layers are asked' : reason);
  return {
    kind: 'layer',
    subject: name,
    ...chosen(
      [outputShapeLaw(samples)],
      [
        (samples.invalid ?? []).length > 0 && refusedShapesLaw(samples),
        'refuses input shapes it cannot take',
        'it has no input shapes to refuse',
      ],
      [layerGradientLaw(samples)],
      [learns && everyParameterLaw(samples), 'every parameter is used', idle],
      [batchLaw(samples)],
      [inferenceLaw(samples)],
      [stateLaw(samples)],
      [learns && initLaw(samples), 'parameters follow from the key', idle],
      [
        samples.stochastic === true && stochasticLaw(samples),
        'training follows from the key',
        'in training it draws nothing',
      ],
      [
        inside('absorb') && absorbLaw(samples),
        'takes in an affine map of its channels',
        within('it takes in no affine map'),
      ],
      [
        inside('affine') && affineLaw(samples),
        'is in inference the affine map that it says',
        within('it says of itself no affine map'),
      ],
      [
        learns && has('fold') && foldLaw(samples),
        'folded, it gives the same',
        learns ? 'there is nothing to fold in it' : idle,
      ],
    ),
    ...(samples.known === undefined ? {} : { known: samples.known }),
  };
}

type Refused = NonNullable<LayerSamples['invalid']>[number];

function refusedShapesLaw({
  invalid = [],
  samples,
}: LayerSamples): Law<(layer: Layer<any, any>, inputShape: Shape) => unknown, Refused> {
  const [valid] = samples;
  return {
    name: 'refuses input shapes it cannot take',
    statement: 'For every invalid input shape init throws, and the message names the rule.',
    formula: 'init(invalid) throws',
    subject: (layer, inputShape) => layer.init(keyOf(1), inputShape),
    cases: invalid.map((refused) => fc.constant(refused)),
    once: true,
    mutants: [{ name: 'nothing is refused', plant: (init) => () => init(valid.layer, valid.inputShape) }],
    show: ({ layer, inputShape }) => `${layer.kind}: layer.init(key, [${inputShape.join(', ')}])`,
    holds(init, { layer, inputShape, throws }) {
      let received = 'no error';
      try {
        init(layer, inputShape);
      } catch (error) {
        received = (error as Error).message;
      }
      if (!throws.test(received))
        throw new Violation({
          what: `input shape [${inputShape.join(', ')}]`,
          received,
          expected: `an error that matches ${throws}`,
        });
    },
  };
}
