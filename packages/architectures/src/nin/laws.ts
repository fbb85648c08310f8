import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { nin } from './nin.js';

export const family: Family = {
  name: 'nin',
  layer: nin({ width: 12, classes: 3, dropout: 0 }),
  inputShape: [1, 4, 4],
  refused: [
    { inputShape: [1, 3, 4], throws: /^pool2 > avgPool2d: / },
    { inputShape: [1, 1, 4], throws: /^pool1 > maxPool2d: / },
  ],
  classes: 3,
  learning: classification(3),
  learningRate: 0.003,
};

export const laws: Laws = networkLaws(family);
