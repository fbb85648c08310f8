import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { lenet5 } from './lenet5.js';

export const family: Family = {
  name: 'lenet5',
  layer: lenet5({ classes: 3 }),
  inputShape: [1, 12, 12],
  refused: [{ inputShape: [1, 11, 12], throws: /^pool2 > maxPool2d: / }],
  classes: 3,
  learning: classification(3),
  learningRate: 0.003,
};

export const laws: Laws = networkLaws(family);
