import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { alexnet } from './alexnet.js';

export const family: Family = {
  name: 'alexnet',
  layer: alexnet({ width: 2, hidden: 16, classes: 3, dropout: 0 }),
  inputShape: [1, 63, 63],
  refused: [
    { inputShape: [1, 62, 63], throws: /^features > 12 > maxPool2d: / },
    { inputShape: [1, 6, 63], throws: /^features > 0 > conv2d: / },
  ],
  classes: 3,
  learning: classification(3),
};

export const laws: Laws = networkLaws(family);
