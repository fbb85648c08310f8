import { integers, type Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { CELL_NAMES } from '../recurrent.js';
import { characterModel } from './character-model.js';

const small = { vocabulary: 6, embedDim: 3, hiddenSize: 8 };

export const families: readonly Family[] = CELL_NAMES.map((cell) => ({
  name: `characterModel of ${cell}`,
  layer: characterModel({ ...small, cell }),
  inputShape: [5],
  refused: [{ inputShape: [0], throws: /^rnn > / }],
  classes: 6,
  learning: classification(6),
  learningRate: 0.05,
  dtype: 'int32',
  values: integers(0, 5),
}));

export const laws: readonly Laws[] = families.map(networkLaws);
