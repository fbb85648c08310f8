import type { Laws } from '@lemmata/laws';
import { type Family, networkLaws, regression } from '../family.laws.js';
import { autoencoder } from './autoencoder.js';

const layer = autoencoder({ imageShape: [1, 4, 5], channels: [3, 4], latent: 3 });

export const family: Family = {
  name: 'autoencoder',
  layer,
  inputShape: [1, 4, 5],
  refused: [{ inputShape: [1, 5, 4], throws: /^encoder > autoencoder: the input must be imageShape/ }],
  learning: regression,
};

export const laws: Laws = networkLaws(family);
