import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { mixesBatch } from '../law-kit.laws.js';
import { resnetCifar } from './resnet-cifar.js';

export const family: Family = {
  name: 'resnetCifar',
  layer: resnetCifar({ depth: 8, width: 4, classes: 3 }),
  inputShape: [1, 1, 1],
  also: [{ inputShape: [1, 3, 3] }],
  refused: [{ inputShape: [1, 0, 4], throws: /^conv1 > conv2d: / }],
  classes: 3,
  learning: classification(3),
  mixesBatch,
};

export const laws: Laws = networkLaws(family);
