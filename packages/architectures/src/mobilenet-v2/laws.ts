import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { mixesBatch } from '../law-kit.laws.js';
import { mobilenetV2 } from './mobilenet-v2.js';

export const family: Family = {
  name: 'mobilenetV2',
  layer: mobilenetV2({ widthMultiplier: 0.05, roundNearest: 4, classes: 3, dropout: 0 }),
  inputShape: [1, 1, 1],
  // A batch norm of three numbers turns a little into much, and 52 of them a little into millions.
  batch: 16,
  also: [{ inputShape: [1, 9, 9], batch: 6 }],
  refused: [{ inputShape: [1, 0, 4], throws: /^features > 0 > 0 > conv2d: / }],
  classes: 3,
  learning: classification(3),
  mixesBatch,
  // Of every block: behind its last batch norm stand sums, 1×1 convolutions and the batch norms of those.
  withoutGradient: Object.fromEntries(
    Array.from({ length: 17 }, (_, i) => [
      `features.${i + 1}.conv.${i === 0 ? 2 : 3}.bias`,
      'a 1×1 convolution hands it on as a constant, which batch norm takes away in training',
    ]),
  ),
};

export const laws: Laws = networkLaws(family);
