import type { Laws } from '@lemmata/laws';
import { decision, type Family, networkLaws, regression } from '../family.laws.js';
import { mixesBatch } from '../law-kit.laws.js';
import { dcganDiscriminator, dcganGenerator } from './dcgan.js';

const images = { imageShape: [1, 10, 10], width: 4 };

export const family: Family = {
  name: 'dcgan generator',
  layer: dcganGenerator({ ...images, latent: 3 }),
  inputShape: [3],
  refused: [{ inputShape: [4], throws: /^reshape > / }],
  learning: regression,
  learningRate: 0.02,
  mixesBatch,
};

export const discriminator: Family = {
  name: 'dcgan discriminator',
  layer: dcganDiscriminator(images),
  inputShape: images.imageShape,
  refused: [{ inputShape: [1, 5, 10], throws: /^main > 2 > conv2d: / }],
  learning: decision,
  learningRate: 0.02,
};

export const laws: readonly Laws[] = [networkLaws(family), networkLaws(discriminator)];
