import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { vgg } from './vgg.js';

export const family: Family = {
  name: 'vgg',
  layer: vgg({ depth: 11, width: 2, hidden: 8, classes: 3, dropout: 0 }),
  inputShape: [1, 32, 32],
  refused: [
    { inputShape: [1, 31, 32], throws: /^features > 20 > maxPool2d: / },
    { inputShape: [1, 32, 1], throws: /^features > 2 > maxPool2d: / },
  ],
  classes: 3,
  learning: classification(3),
};

export const laws: Laws = networkLaws(family);
