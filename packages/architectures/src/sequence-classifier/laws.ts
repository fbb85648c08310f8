import type { Laws } from '@lemmata/laws';
import { classification, type Family, networkLaws } from '../family.laws.js';
import { CELL_NAMES } from '../recurrent.js';
import { sequenceClassifier } from './sequence-classifier.js';

export const families: readonly Family[] = CELL_NAMES.map((cell) => ({
  name: `sequenceClassifier of ${cell}`,
  layer: sequenceClassifier({ classes: 3, cell, hiddenSize: 4, numLayers: 1, bidirectional: cell === 'gru' }),
  inputShape: [3, 2],
  refused: [{ inputShape: [0, 2], throws: new RegExp(`^rnn > ${cell}: `) }],
  classes: 3,
  learning: classification(3),
  learningRate: 0.05,
}));

export const laws: readonly Laws[] = families.map(networkLaws);
