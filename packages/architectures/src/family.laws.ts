import { distinct, layerLaws, type Laws, type LayerSamples, type Values } from '@lemmata/laws';
import * as fc from 'fast-check';
import { bceWithLogits, crossEntropy, mse } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import { type Shape, sizeOf } from '@lemmata/shape';
import { key, permute, randomUniform, tensor, type Tensor } from '@lemmata/tensor';
import { moved } from './law-kit.laws.js';

/** How a network is trained on one batch. */
export interface Learning {
  readonly loss: (output: Tensor, target: Tensor) => Tensor;
  readonly target: (x: Tensor, outputShape: Shape) => Tensor;
}

/** A family of networks at its smallest legal size: what its laws and the tests of all families run on. */
export interface Family {
  readonly name: string;
  readonly layer: Layer<any, any>;
  /** Without the batch. */
  readonly inputShape: Shape;
  /** Of the cases of laws. Default: theirs. */
  readonly batch?: number;
  /** Other inputs that it must take, such as of odd sizes. */
  readonly also?: readonly { readonly layer?: Layer<any, any>; readonly inputShape: Shape; readonly batch?: number }[];
  /** Inputs that are refused, and the message, which names the layer for which they are too small. */
  readonly refused: readonly { readonly inputShape: Shape; readonly throws: RegExp }[];
  /** Of a classifier, whose loss starts near ln(classes). */
  readonly classes?: number;
  readonly learning: Learning;
  /** Of Adam, for one batch. Default 0.01. */
  readonly learningRate?: number;
  readonly mixesBatch?: string;
  readonly stochastic?: true;
  readonly dtype?: 'int32';
  readonly values?: Values;
  readonly withoutGradient?: LayerSamples['withoutGradient'];
}

/** The laws of every layer, for a network. */
export function networkLaws(family: Family): Laws {
  const { name, layer, also = [], refused, mixesBatch, stochastic, dtype, withoutGradient } = family;
  const values = family.values ?? distinct(-2, 2, { avoid: [0], margin: 1e-4, gap: 4 / 4096 });
  // A case of a network is dear, and thousands of numbers are no clearer for being smaller.
  const sample = { values: (size: number) => fc.noShrink(values(size)), ...(dtype === undefined ? {} : { dtype }) };
  return layerLaws(name, {
    network: true,
    samples: [family, ...also].map(
      (place: Pick<Family, 'inputShape' | 'batch'> & { readonly layer?: Layer<any, any> }) => ({
        layer: moved(place.layer ?? layer),
        inputShape: place.inputShape,
        ...(place.batch === undefined ? {} : { batch: place.batch }),
        ...sample,
      }),
    ),
    invalid: refused.map((each) => ({ layer, ...each })),
    step: 2 ** -19,
    ...(mixesBatch === undefined ? {} : { mixesBatch }),
    ...(stochastic === undefined ? {} : { stochastic }),
    ...(withoutGradient === undefined ? {} : { withoutGradient }),
  });
}

/** Classes 0, 1, … by turns, for each image or each place. */
export function classification(classes: number): Learning {
  return {
    loss: (output, target) =>
      crossEntropy(output.rank > 2 && target.rank === 2 ? lastToChannels(output) : output, target),
    target: ({ shape: [n = 0] }, outputShape) => {
      const places = outputShape.length === 2 ? [outputShape[0]!] : outputShape.slice(1);
      const shape = [n, ...places];
      const size = sizeOf(shape);
      return tensor(
        Int32Array.from({ length: size }, (_, i) => (outputShape.length === 1 ? i : i * 7 + (i >> 2)) % classes),
        { shape, dtype: 'int32' },
      );
    },
  };
}

/** Classes 0, 1, … by turns, the same at all places of an image. */
export function imageClassification(classes: number): Learning {
  return {
    loss: (output, target) => crossEntropy(output, target),
    target: ({ shape: [n = 0] }, [, ...places]) => {
      const shape = [n, ...places];
      const size = sizeOf(places);
      return tensor(
        Int32Array.from({ length: n * size }, (_, i) => Math.floor(i / size) % classes),
        { shape, dtype: 'int32' },
      );
    },
  };
}

/** Numbers from 0.1 to 0.9 that have nothing to do with the input. */
export const regression: Learning = {
  loss: (output, target) => mse(output, target),
  target: ({ shape: [n = 0] }, outputShape) => randomUniform(key(3), [n, ...outputShape], { low: 0.1, high: 0.9 }),
};

/** Yes and no by turns. */
export const decision: Learning = {
  loss: (output, target) => bceWithLogits(output, target),
  target: ({ shape: [n = 0] }) => tensor(Array.from({ length: n }, (_, i) => [i % 2])),
};

function lastToChannels(x: Tensor): Tensor {
  return permute(x, [0, 2, 1]);
}
