import type { Laws } from '@lemmata/laws';
import { sizeOf } from '@lemmata/shape';
import { bernoulli, cast, div, key } from '@lemmata/tensor';
import { type Family, networkLaws } from '../family.laws.js';
import { negativeElbo, vae } from './vae.js';

const imageShape = [1, 4, 5];

export const family: Family = {
  name: 'vae',
  layer: vae({ imageShape, channels: [8, 8], latent: 6 }),
  inputShape: imageShape,
  refused: [{ inputShape: [1, 5, 4], throws: /^encoder > vae: the input must be imageShape/ }],
  learning: {
    // Nats of an element, without the divergence from the prior, which no fit can take to 0.
    loss: (output, target) => div(negativeElbo(output, target, { beta: 0 }), sizeOf(imageShape)),
    target: ({ shape }) => cast(bernoulli(key(5), 0.5, shape), 'float32'),
  },
  learningRate: 0.02,
  stochastic: true,
};

export const laws: Laws = networkLaws(family);
