import type { Laws } from '@lemmata/laws';
import { decision, type Family, networkLaws, regression } from '../family.laws.js';
import { mixesBatch } from '../law-kit.laws.js';
import { dcganDiscriminator, dcganGenerator } from './dcgan.js';

const images = { imageShape: [1, 8, 8], width: 4 };
const odd = { imageShape: [1, 10, 10], width: 2 };

export const family: Family = {
  name: 'dcgan generator',
  layer: dcganGenerator({ ...images, latent: 3 }),
  inputShape: [3],
  also: [{ layer: dcganGenerator({ ...odd, latent: 2 }), inputShape: [2] }],
  refused: [{ inputShape: [4], throws: /^reshape > / }],
  learning: regression,
  learningRate: 0.02,
  mixesBatch,
};

export const discriminator: Family = {
  name: 'dcgan discriminator',
  layer: dcganDiscriminator(images),
  inputShape: images.imageShape,
  also: [{ layer: dcganDiscriminator(odd), inputShape: odd.imageShape }],
  refused: [{ inputShape: [1, 7, 8], throws: /^main > 2 > conv2d: / }],
  learning: decision,
  learningRate: 0.02,
};

export const laws: readonly Laws[] = [networkLaws(family), networkLaws(discriminator)];
