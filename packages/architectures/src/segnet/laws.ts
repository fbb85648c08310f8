import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { mixesBatch } from '../law-kit.laws.js';
import { segnet } from './segnet.js';

export const family: Family = {
  name: 'segnet',
  layer: segnet({ channels: [4, 6], classes: 3 }),
  inputShape: [1, 4, 4],
  also: [{ inputShape: [1, 5, 7] }],
  refused: [
    { inputShape: [1, 3, 4], throws: /^pool2 > maxPool2d: / },
    { inputShape: [1, 4, 1], throws: /^pool1 > maxPool2d: / },
  ],
  classes: 3,
  learning: classification(3),
  learningRate: 0.03,
  mixesBatch,
};

export const laws: Laws = networkLaws(family);
