import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { mixesBatch } from '../law-kit.laws.js';
import { resnet } from './resnet.js';

export const family: Family = {
  name: 'resnet',
  layer: resnet({ depth: 18, width: 4, classes: 3 }),
  inputShape: [1, 1, 1],
  also: [{ layer: resnet({ depth: 18, width: 2, classes: 3 }), inputShape: [1, 9, 9] }],
  refused: [{ inputShape: [1, 0, 4], throws: /^conv1 > conv2d: / }],
  classes: 3,
  learning: classification(3),
  mixesBatch,
};

export const laws: Laws = networkLaws(family);
