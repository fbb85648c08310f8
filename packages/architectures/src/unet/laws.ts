import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { mixesBatch } from '../law-kit.laws.js';
import { unet } from './unet.js';

export const family: Family = {
  name: 'unet',
  layer: unet({ depth: 2, width: 4, classes: 3 }),
  inputShape: [1, 4, 4],
  also: [{ inputShape: [1, 5, 7] }, { layer: unet({ depth: 1, width: 2, up: 'bilinear' }), inputShape: [1, 2, 3] }],
  refused: [
    { inputShape: [1, 3, 4], throws: /^pool2 > maxPool2d: / },
    { inputShape: [1, 4, 1], throws: /^pool1 > maxPool2d: / },
  ],
  classes: 3,
  learning: classification(3),
  learningRate: 0.02,
};

const normed: Family = {
  ...family,
  name: 'unet with batch norm',
  layer: unet({ depth: 1, width: 2, batchNorm: true, up: 'nearest' }),
  inputShape: [1, 2, 2],
  also: [],
  refused: [],
  mixesBatch,
};

export const laws: readonly Laws[] = [networkLaws(family), networkLaws(normed)];
