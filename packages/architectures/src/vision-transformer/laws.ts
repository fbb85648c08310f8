import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { visionTransformer } from './vision-transformer.js';

const small = { imageSize: 4, patchSize: 2, embedDim: 4, depth: 2, numHeads: 2, mlpDim: 4, classes: 3 };

export const families: readonly Family[] = (['token', 'mean'] as const).map((pool) => ({
  name: `visionTransformer by ${pool}`,
  layer: visionTransformer({ ...small, pool }),
  inputShape: [1, 4, 4],
  refused: [{ inputShape: [1, 6, 4], throws: /^visionTransformer: the input must be \[C, 4, 4\]/ }],
  classes: 3,
  learning: classification(3),
  learningRate: 0.02,
}));

export const laws: readonly Laws[] = families.map(networkLaws);
