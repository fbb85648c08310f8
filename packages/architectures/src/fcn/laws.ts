import type { Laws } from '@lemmata/laws';
import { imageClassification, type Family, networkLaws } from '../family.laws.js';
import { fcn } from './fcn.js';

export const family: Family = {
  name: 'fcn',
  layer: fcn({ backbone: 'vgg11', width: 4, hidden: 8, dropout: 0, classes: 3 }),
  inputShape: [1, 32, 33],
  refused: [
    { inputShape: [1, 31, 32], throws: /^to32 > \d+ > maxPool2d: / },
    { inputShape: [1, 7, 32], throws: /^to8 > stage3 > \d+ > maxPool2d: / },
  ],
  classes: 3,
  // Upsampled scores cannot tell every place from its neighbours.
  learning: imageClassification(3),
};

export const laws: Laws = networkLaws(family);
