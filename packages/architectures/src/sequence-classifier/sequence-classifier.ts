import { dropoutLayer } from '@lemmata/layers-dropout';
import { linearLayer } from '@lemmata/layers-linear';
import { type Layer, sequential } from '@lemmata/nn';
import type { Named } from '../named.js';
import { CELL_NAMES, CELLS, type CellName } from '../recurrent.js';
import { count, flag, oneOf, settle, share } from '../settle.js';

export interface SequenceClassifierOptions {
  /** Logits: how many classes there are. */
  readonly classes: number;
  /** `rnn` (Elman), `lstm` or `gru`. Default lstm. */
  readonly cell?: CellName;
  /** Units of each recurrent layer and direction. Default 128. */
  readonly hiddenSize?: number;
  /** Recurrent layers. Default 2. */
  readonly numLayers?: number;
  /** A second network from the end to the start. Default false. */
  readonly bidirectional?: boolean;
  /** Share of what each recurrent layer gives that is dropped in training. Default 0. */
  readonly dropout?: number;
}

/**
 * A recurrent network whose last state is read by a linear layer: [T, I] → logits, such as the rows of an image one after the
 * other. Names: `rnn.weight_ih_l0` …, `fc.weight`, `fc.bias`.
 *
 * @throws OptionError for unknown options and values that are none of theirs; from `init`, ShapeError for inputs other than
 * [T, I].
 *
 * Source: Hochreiter and Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735
 */
export function sequenceClassifier(options: SequenceClassifierOptions): Layer {
  const { classes, cell, hiddenSize, numLayers, bidirectional, dropout } = settle('sequenceClassifier', options, {
    classes: count(),
    cell: oneOf(CELL_NAMES, 'lstm'),
    hiddenSize: count(128),
    numLayers: count(2),
    bidirectional: flag(false),
    dropout: share(0),
  });
  return sequential({
    rnn: CELLS[cell]({
      hiddenSize,
      numLayers,
      bidirectional,
      dropout: numLayers > 1 ? dropout : 0,
      returnSequences: false,
    }),
    drop: dropoutLayer({ p: dropout }),
    fc: linearLayer({ outFeatures: classes }),
  });
}

const named = (cell: CellName, parameters: number, flops: number): Named => ({
  make: () => sequenceClassifier({ classes: 10, cell }),
  inputShape: [28, 28],
  outputShape: [10],
  parameters,
  flops,
});

export const SEQUENCE_CLASSIFIER: Readonly<Record<`${CellName}_classifier`, Named>> = {
  rnn_classifier: named('rnn', 54_538, 1_445_120),
  lstm_classifier: named('lstm', 214_282, 5_776_640),
  gru_classifier: named('gru', 161_034, 4_332_800),
};
